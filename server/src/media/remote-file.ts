/**
 * What another server answers of a file, written to the disk as it comes: nothing of it is held in memory but the head
 * of a multipart answer and a few chunks.
 */

import type { BlobReceiver, Blobs } from '../blobs/index.ts'
import { type OutgoingReply, RemoteError, type ReplySink } from '../remote/index.ts'
import { parseFileName } from './content-headers.ts'
import { mediaLimits } from './limits.ts'
import type { RemoteFile } from './media.ts'

/** An answer on its way; ends with `finish` or `abort`, whatever happens. */
export interface AnswerReceiver {
  readonly write: ReplySink
  /** The file is on the disk, or where it is; undefined: the answer is none of these. */
  finish(): Promise<RemoteFile | { readonly location: string } | undefined>
  abort(): Promise<void>
}

/** What the file will be called, and as what it counts. */
type Names = Pick<RemoteFile, 'contentType' | 'fileName'>

/** The file of an answer that is nothing else. */
export function receiveFile(
  blobs: Blobs,
  bytesMax: number,
  { headers }: Pick<OutgoingReply, 'headers'>,
): AnswerReceiver {
  const names = nameFile(textOf(headers['content-type']), textOf(headers['content-disposition']))
  const blob = createBlob(blobs, bytesMax)
  return {
    write: (chunk) => blob.write(chunk),
    finish: async () => ({ ...(await blob.finish()), ...names }),
    abort: blob.abort,
  }
}

/** The second part of `multipart/mixed`. */
export function receiveMultipart(
  blobs: Blobs,
  bytesMax: number,
  { headers }: Pick<OutgoingReply, 'headers'>,
): AnswerReceiver {
  const boundary = /boundary="?([^";]+)"?/i.exec(textOf(headers['content-type']) ?? '')?.[1]
  const blob = createBlob(blobs, bytesMax)
  const mark = Buffer.from(`\r\n--${boundary}`)
  let held: Buffer = Buffer.alloc(0)
  let head: PartHead | undefined
  let isBodyOpen = false
  let isAtEnd = false
  return {
    async write(chunk) {
      if (isAtEnd || boundary === undefined) return
      held = held.length === 0 ? chunk : Buffer.concat([held, chunk])
      if (head === undefined) {
        head = parseHead(held, mark)
        if (head === undefined && held.length > mediaLimits.fetchHeadBytesMax) {
          throw new RemoteError('too-large', 'the head of a multipart answer is too large')
        }
        if (head === undefined) return
        held = held.subarray(head.end)
      }
      if (!isBodyOpen && held.length < mark.length) return
      // A part may end with its head: then the line's end after that belongs to the boundary.
      if (!isBodyOpen && held.indexOf(mark) !== 0) held = held.subarray(2)
      isBodyOpen = true
      const end = held.indexOf(mark)
      isAtEnd = end >= 0 || head.location !== undefined
      // A boundary may be cut in two by the end of a chunk.
      const length = isAtEnd ? end : Math.max(held.length - mark.length + 1, 0)
      await blob.write(held.subarray(0, Math.max(length, 0)))
      held = held.subarray(Math.max(length, 0))
    },
    async finish() {
      if (head?.location === undefined && isAtEnd) return { ...(await blob.finish()), ...head!.names }
      await blob.abort()
      return head?.location === undefined ? undefined : { location: head.location }
    },
    abort: blob.abort,
  }
}

/** `end`: after the last line of the head; an empty line follows, or a boundary. */
type PartHead = { readonly end: number; readonly location: string | undefined; readonly names: Names }

/** The head of the second part; undefined: it is not there yet. `mark`: a line's end and a boundary. */
function parseHead(text: Buffer, mark: Buffer): PartHead | undefined {
  const first = text.indexOf(mark.subarray(2))
  const second = first < 0 ? -1 : text.indexOf(mark, first + mark.length - 2)
  const headEnd = second < 0 ? -1 : text.indexOf('\r\n\r\n', second + mark.length)
  if (headEnd < 0) return undefined
  const head = text.toString('utf8', second + mark.length, headEnd)
  const headerOf = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim()
  const names = nameFile(headerOf('content-type'), headerOf('content-disposition'))
  return { end: headEnd + 2, location: headerOf('location'), names }
}

type Blob = Pick<BlobReceiver, 'finish' | 'abort' | 'write'>

/** A blob of bounded size, made when its first bytes come. */
function createBlob(blobs: Blobs, bytesMax: number): Blob {
  let receiver: BlobReceiver | undefined
  let bytes = 0
  const open = async (): Promise<BlobReceiver> => {
    receiver ??= await blobs.receive()
    return receiver
  }
  return {
    async write(chunk) {
      bytes += chunk.length
      if (bytes > bytesMax) throw new RemoteError('too-large', `the file is larger than ${bytesMax} bytes`)
      if (chunk.length > 0) await (await open()).write(chunk)
    },
    finish: async () => (await open()).finish(),
    abort: async () => receiver?.abort(),
  }
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function nameFile(type = '', disposition = ''): Names {
  const isType = /^[\w.+-]+\/[\w.+*-]+(\s*;[\x20-\x7e]*)?$/.test(type)
  return { contentType: isType ? type : 'application/octet-stream', fileName: parseFileName(disposition) }
}
