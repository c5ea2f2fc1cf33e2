/** Hands a file out piece by piece, in memory that is used again: the next piece is read while one is being sent. */

import { open } from 'node:fs/promises'
import { blobLimits } from './limits.ts'
import { keepPiece, takePiece } from './pieces.ts'

/** Takes one piece; resolves when the bytes are needed no more, rejects if they may still be in use. */
export type WritePiece = (piece: Uint8Array) => Promise<void>

/** Bytes from `start` to `end`, both included. */
export type ByteRange = { readonly start: number; readonly end: number }

/** Hands over all bytes of the range; rejects if the file is shorter, or as `write` does. */
export async function pourBlob(path: string, { start, end }: ByteRange, write: WritePiece): Promise<void> {
  const file = await open(path, 'r')
  const read = async (at: number): Promise<Buffer> => {
    const length = Math.min(blobLimits.pieceBytes, end + 1 - at)
    const piece = takePiece()
    const { bytesRead } = await file.read(piece, 0, length, at)
    if (bytesRead === 0) throw new Error('A blob is shorter than it was when it was stored.')
    return piece.subarray(0, bytesRead)
  }
  try {
    let writing: Promise<void> | undefined
    for (let at = start; at <= end; ) {
      const [piece] = await Promise.all([read(at), writing])
      at += piece.length
      // Only what was sent is used again: a broken connection may still hold its piece.
      writing = write(piece).then(() => keepPiece(piece))
    }
    await writing
  } finally {
    await file.close()
  }
}
