/** Reading what another server answers of a file: the parts of its answer, its headers. */

import type { OutgoingReply } from '../remote/index.ts'
import { parseFileName } from './content-headers.ts'
import type { RemoteFile } from './media.ts'

/** The second part of `multipart/mixed`: the file or where it is; undefined if there is none. */
export function parseMultipart(body: Buffer, contentType: string): RemoteFile | { location: string } | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  const mark = Buffer.from(`--${boundary}`)
  const first = body.indexOf(mark)
  const second = first < 0 ? -1 : body.indexOf(mark, first + mark.length)
  const end = second < 0 ? -1 : body.indexOf(Buffer.from(`\r\n--${boundary}`), second + mark.length)
  const headEnd = second < 0 ? -1 : body.indexOf('\r\n\r\n', second)
  if (end < 0 || headEnd < 0) return undefined
  const head = body.toString('utf8', second + mark.length, headEnd)
  const headerOf = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim()
  const location = headerOf('location')
  if (location !== undefined) return { location }
  if (headEnd > end) return undefined
  const bytes = body.subarray(headEnd + 4, end)
  return describe(bytes, headerOf('content-type'), headerOf('content-disposition'))
}

/** The file of an answer that is nothing else. */
export function fileOf({ body, headers }: OutgoingReply): RemoteFile {
  return describe(body, textOf(headers['content-type']), textOf(headers['content-disposition']))
}

function textOf(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined
}

function describe(bytes: Uint8Array, type = '', disposition = ''): RemoteFile {
  const isType = /^[\w.+-]+\/[\w.+*-]+(\s*;[\x20-\x7e]*)?$/.test(type)
  return { bytes, contentType: isType ? type : 'application/octet-stream', fileName: parseFileName(disposition) }
}
