/** A file of another server, out of its multipart answer. Spec: server-server-api#content-repository. */

import type { ServerName } from '@parallax/protocol'
import { type Logger, MatrixError } from '../base/index.ts'
import { type OutgoingHttp, type Remote, RemoteError } from '../remote/index.ts'
import { mediaLimits } from './limits.ts'
import type { MediaDeps, RemoteFile } from './media.ts'
import { fileOf, parseMultipart } from './remote-file.ts'

export type FetchRemoteDeps = {
  readonly remote: Remote
  readonly outgoing: OutgoingHttp
  readonly logger: Logger
  /** Who asks. */
  readonly origin: ServerName
  /** Largest file, in bytes. */
  readonly bytesMax: number
}

/** Asks other servers; answers undefined for what they have not or do not give, and while federation is off. */
export function createFetchRemote(deps: FetchRemoteDeps): MediaDeps['fetchRemote'] {
  return async (server, mediaId, timeoutMs) => {
    if (!deps.remote.isAllowed(server)) return undefined
    try {
      return await fetchFile(deps, server, mediaId, timeoutMs)
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error
      if (error.kind === 'too-large') throw new MatrixError('M_TOO_LARGE', 'The file is too large.', {}, 502)
      deps.logger.debug({ err: error }, 'a file of another server could not be fetched')
      return undefined
    }
  }
}

async function fetchFile(
  deps: FetchRemoteDeps,
  destination: ServerName,
  mediaId: string,
  timeoutMs: number,
): Promise<RemoteFile | undefined> {
  const { calls } = deps.remote
  try {
    const reply = await calls.downloadMedia({ origin: deps.origin, destination }, mediaId, { timeoutMs })
    const found = parseMultipart(reply.body, String(reply.headers['content-type'] ?? ''))
    return found !== undefined && 'location' in found ? await follow(deps, found.location) : found
  } catch (error) {
    if (!isUnknownPath(error)) throw error
    return fileOf(await calls.downloadOldMedia({ origin: deps.origin, destination }, mediaId, { timeoutMs }))
  }
}

/** A server from before files were given to servers only; what answers no Matrix error knows the path as little. */
function isUnknownPath(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.answer === undefined) return false
  const { status, errcode, isExplained } = error.answer
  return [400, 404, 405].includes(status) && (errcode === 'M_UNRECOGNIZED' || !isExplained)
}

/** The bytes are elsewhere: at a URL that is not kept, for it may not be good for long. */
async function follow({ outgoing, bytesMax }: FetchRemoteDeps, url: string): Promise<RemoteFile | undefined> {
  const { fetchTimeoutMs: timeoutMs, fetchRedirectsMax: redirectsMax } = mediaLimits
  const request = { url, method: 'GET', timeoutMs, redirectsMax, bodyBytesMax: bytesMax, isTlsRequired: true } as const
  const reply = await outgoing.request(request)
  return reply.status === 200 ? fileOf(reply) : undefined
}
