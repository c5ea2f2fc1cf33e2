/** The auth chain of an event. Spec: server-server-api#get_matrixfederationv1event_authroomideventid. */

import type { EventId, JsonValue, RoomId } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'
import { requireList, requireObject } from './reply.ts'

export async function getEventAuth(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  eventId: EventId,
): Promise<readonly JsonValue[]> {
  const path = pathOf`/_matrix/federation/v1/event_auth/${roomId}/${eventId}`
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'state' }), 'event_auth')
  return requireList(reply, 'auth_chain', callLimits.stateEventsMax)
}
