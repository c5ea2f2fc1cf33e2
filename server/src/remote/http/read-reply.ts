/** Reading a reply's body up to a limit. */

import type { Readable } from 'node:stream'
import { RemoteError } from '../remote-error.ts'

/** Takes the next bytes; no further ones come before it resolves. What it throws ends the request. */
export type ReplySink = (chunk: Buffer) => Promise<void>

/**
 * The whole body, or nothing if a sink takes it; RemoteError `too-large` as soon as it passes the limit, without
 * reading on.
 */
export async function readReply(
  body: Readable,
  declaredBytes: string | undefined,
  bytesMax: number,
  sink?: ReplySink,
): Promise<Buffer> {
  const tooLarge = () => new RemoteError('too-large', `the reply is larger than ${bytesMax} bytes`)
  if (Number(declaredBytes) > bytesMax) {
    discard(body)
    throw tooLarge()
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += (chunk as Buffer).length
    if (bytes > bytesMax) throw tooLarge()
    if (sink === undefined) chunks.push(chunk as Buffer)
    else await sink(chunk as Buffer)
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)
}

/** Ends a reply that nobody reads; its connection is closed. */
export function discard(body: Readable): void {
  body.on('error', () => {})
  body.destroy()
}
