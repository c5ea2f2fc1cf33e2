/** Replies that clients and caches may keep: a tag, a time, and compression for who takes it. */

import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Reply } from './reply.ts'

const compress = promisify(gzip)
/** Smaller texts gain nothing. */
const COMPRESSED_MIN = 1_024

/**
 * The JSON text with a tag of its own, which anyone may keep for so many seconds; 304 without it for who names the tag.
 * RFC 9110, 8.8.3 and 13.1.2.
 */
export async function cachedReply(
  { text, tag }: { readonly text: string; readonly tag: string },
  request: Readonly<Record<string, string | string[] | undefined>>,
  seconds: number,
): Promise<Reply> {
  const etag = `W/"${tag}"`
  const headers = { ETag: etag, 'Cache-Control': `public, max-age=${seconds}`, Vary: 'Accept-Encoding' }
  const known = String(request['if-none-match'] ?? '').split(',')
  if (known.some((one) => one.trim() === etag)) return { isReply: true, status: 304, headers, body: '' }
  const isCompressed = /(^|[,\s])gzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(String(request['accept-encoding'] ?? ''))
  if (!isCompressed || text.length < COMPRESSED_MIN) return { isReply: true, status: 200, headers, body: text }
  return { isReply: true, status: 200, headers: { ...headers, 'Content-Encoding': 'gzip' }, body: await compress(text) }
}
