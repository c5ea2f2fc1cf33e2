/** A file of another server, out of its multipart answer. Spec: server-server-api#content-repository. */

import type { ServerName } from '@parallax/protocol'
import { type Logger, MatrixError } from '../base/index.ts'
import { type Remote, RemoteError } from '../remote/index.ts'
import type { MediaDeps, RemoteFile } from './media.ts'

/** Asks other servers; answers undefined for what they have not or do not give, and while federation is off. */
export function createFetchRemote(remote: Remote, origin: ServerName, logger: Logger): MediaDeps['fetchRemote'] {
  return async (destination, mediaId, timeoutMs) => {
    if (!remote.isAllowed(destination)) return undefined
    try {
      const reply = await remote.calls.downloadMedia({ origin, destination }, mediaId, { timeoutMs })
      return parseMultipart(reply.body, String(reply.headers['content-type'] ?? ''))
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error
      if (error.kind === 'too-large') throw new MatrixError('M_TOO_LARGE', 'The file is too large.', {}, 502)
      logger.debug({ err: error }, 'a file of another server could not be fetched')
      return undefined
    }
  }
}

/** The second part of `multipart/mixed`; undefined if there is none, or if it only names another place. */
export function parseMultipart(body: Buffer, contentType: string): RemoteFile | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1]
  if (boundary === undefined) return undefined
  const mark = Buffer.from(`--${boundary}`)
  const first = body.indexOf(mark)
  const second = first < 0 ? -1 : body.indexOf(mark, first + mark.length)
  const end = second < 0 ? -1 : body.indexOf(Buffer.from(`\r\n--${boundary}`), second + mark.length)
  const headEnd = second < 0 ? -1 : body.indexOf('\r\n\r\n', second)
  if (end < 0 || headEnd < 0 || headEnd > end) return undefined
  const head = body.toString('latin1', second + mark.length, headEnd)
  const headerOf = (name: string): string | undefined =>
    new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim()
  if (headerOf('location') !== undefined) return undefined
  const type = headerOf('content-type') ?? 'application/octet-stream'
  const isType = /^[\w.+-]+\/[\w.+*-]+(\s*;[\x20-\x7e]*)?$/.test(type)
  const fileName = /filename="?([^";\r\n]+)"?/i.exec(headerOf('content-disposition') ?? '')?.[1] ?? null
  return { bytes: body.subarray(headEnd + 4, end), contentType: isType ? type : 'application/octet-stream', fileName }
}
