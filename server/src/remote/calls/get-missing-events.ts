/** Events between others. Spec: server-server-api#post_matrixfederationv1get_missing_eventsroomid. */

import type { EventId, JsonValue, RoomId } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'
import { requireList, requireObject } from './reply.ts'

export type MissingEventsQuestion = {
  /** Events that we have: nothing at or before them is wanted. */
  readonly earliest: readonly EventId[]
  /** Events whose predecessors are wanted. */
  readonly latest: readonly EventId[]
  readonly limit: number
  readonly minDepth: number
}

export async function getMissingEvents(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  { earliest, latest, limit, minDepth }: MissingEventsQuestion,
): Promise<readonly JsonValue[]> {
  const path = pathOf`/_matrix/federation/v1/get_missing_events/${roomId}`
  const body = { earliest_events: [...earliest], latest_events: [...latest], limit, min_depth: minDepth }
  const reply = await requests.askJson({ ...parties, method: 'POST', path, body, kind: 'events' })
  return requireList(requireObject(reply, 'get_missing_events'), 'events', callLimits.eventsMax)
}
