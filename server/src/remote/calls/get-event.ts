/** One event. Spec: server-server-api#get_matrixfederationv1eventeventid. */

import type { EventId, JsonValue } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'
import { requireList, requireObject } from './reply.ts'

/** The event's PDU as the server sent it. */
export async function getEvent(requests: SignedRequests, parties: Parties, eventId: EventId): Promise<JsonValue> {
  const path = pathOf`/_matrix/federation/v1/event/${eventId}`
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'events' }), 'event')
  return requireList(reply, 'pdus', 1)[0] ?? null
}
