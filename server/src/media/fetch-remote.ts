/**
 * A file of another server, out of its multipart answer and onto the disk. Spec:
 * server-server-api#content-repository.
 */

import type { ServerName } from '@parallax/protocol'
import { type Logger, MatrixError } from '../base/index.ts'
import type { Blobs } from '../blobs/index.ts'
import {
  type OutgoingHttp,
  type OutgoingReply,
  type OutgoingRequest,
  type Remote,
  RemoteError,
} from '../remote/index.ts'
import { mediaLimits } from './limits.ts'
import type { MediaDeps, RemoteFile } from './media.ts'
import { type AnswerReceiver, receiveFile, receiveMultipart } from './remote-file.ts'

export type FetchRemoteDeps = {
  readonly remote: Remote
  readonly outgoing: OutgoingHttp
  readonly blobs: Blobs
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
  const parties = { origin: deps.origin, destination }
  try {
    const found = await receive(deps, receiveMultipart, (target) =>
      calls.downloadMedia(parties, mediaId, { ...target, timeoutMs }),
    )
    return found !== undefined && 'location' in found ? await follow(deps, found.location) : found
  } catch (error) {
    if (!isUnknownPath(error)) throw error
    const ask = (target: MediaTarget) => calls.downloadOldMedia(parties, mediaId, { ...target, timeoutMs })
    return fileOf(await receive(deps, receiveFile, ask))
  }
}

type MediaTarget = Required<Pick<OutgoingRequest, 'openSink' | 'bodyBytesMax'>>

/** What the answer comes to; nothing of it stays if it breaks off. */
async function receive(
  { blobs, bytesMax }: FetchRemoteDeps,
  open: typeof receiveFile,
  ask: (target: MediaTarget) => Promise<OutgoingReply>,
): ReturnType<AnswerReceiver['finish']> {
  let receiver: AnswerReceiver | undefined
  const openSink: MediaTarget['openSink'] = async (reply) => {
    await receiver?.abort()
    receiver = open(blobs, bytesMax, reply)
    return receiver.write
  }
  try {
    await ask({ openSink, bodyBytesMax: bytesMax + 2 * mediaLimits.fetchHeadBytesMax })
  } catch (error) {
    await receiver?.abort()
    throw error
  }
  return receiver?.finish()
}

function fileOf(found: Awaited<ReturnType<AnswerReceiver['finish']>>): RemoteFile | undefined {
  return found !== undefined && 'location' in found ? undefined : found
}

/** A server from before files were given to servers only; what answers no Matrix error knows the path as little. */
function isUnknownPath(error: unknown): boolean {
  if (!(error instanceof RemoteError) || error.answer === undefined) return false
  const { status, errcode, isExplained } = error.answer
  return [400, 404, 405].includes(status) && (errcode === 'M_UNRECOGNIZED' || !isExplained)
}

/** The bytes are elsewhere: at a URL that is not kept, for it may not be good for long. */
async function follow(deps: FetchRemoteDeps, url: string): Promise<RemoteFile | undefined> {
  const { fetchTimeoutMs: timeoutMs, fetchRedirectsMax: redirectsMax } = mediaLimits
  const request = { url, method: 'GET', timeoutMs, redirectsMax, isTlsRequired: true } as const
  return fileOf(await receive(deps, receiveFile, (target) => deps.outgoing.request({ ...request, ...target })))
}
