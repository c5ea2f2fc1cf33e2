/** Media of another server. Spec: server-server-api#get_matrixfederationv1mediadownloadmediaid. */

import type { OutgoingReply, OutgoingRequest } from '../http/outgoing-http.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'

export type ThumbnailSize = {
  readonly width: number
  readonly height: number
  readonly method: 'crop' | 'scale'
  readonly animated: boolean
}

/** Where the reply goes, and how large it may be, in bytes. */
export type MediaTarget = Required<Pick<OutgoingRequest, 'openSink' | 'bodyBytesMax'>>

/** The multipart reply goes into the sink as it comes: of the file, or of a thumbnail. */
export function downloadMedia(
  requests: SignedRequests,
  parties: Parties,
  mediaId: string,
  {
    thumbnail,
    timeoutMs,
    ...target
  }: MediaTarget & { readonly thumbnail?: ThumbnailSize; readonly timeoutMs?: number },
): Promise<OutgoingReply> {
  const path =
    thumbnail === undefined
      ? pathOf`/_matrix/federation/v1/media/download/${mediaId}` + queryOf({ timeout_ms: timeoutMs })
      : pathOf`/_matrix/federation/v1/media/thumbnail/${mediaId}` + queryOf({ ...thumbnail, timeout_ms: timeoutMs })
  return requests.ask({ ...parties, method: 'GET', path, kind: 'media', ...target })
}

/** The file as servers gave it to anybody before v1.11: only its own server, which is not to ask others. */
export function downloadOldMedia(
  requests: SignedRequests,
  parties: Parties,
  mediaId: string,
  { timeoutMs, ...target }: MediaTarget & { readonly timeoutMs: number },
): Promise<OutgoingReply> {
  const path = pathOf`/_matrix/media/v3/download/${parties.destination}/${mediaId}`
  const query = queryOf({ allow_remote: false, timeout_ms: timeoutMs })
  return requests.ask({ ...parties, method: 'GET', path: path + query, kind: 'media', isUnsigned: true, ...target })
}
