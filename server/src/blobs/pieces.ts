/** Memory for pieces of files on their way, used again: making it, and collecting it, costs more than filling it. */

import { blobLimits } from './limits.ts'

const spare: Buffer[] = []

/** Memory for one piece; what is in it may be of another file. */
export function takePiece(): Buffer {
  return spare.pop() ?? Buffer.allocUnsafeSlow(blobLimits.pieceBytes)
}

/** Gives back what `takePiece` answered, or a part of it; nothing may read or write it any more. */
export function keepPiece(piece: Buffer): void {
  if (spare.length < blobLimits.sparePiecesMax) spare.push(Buffer.from(piece.buffer))
}
