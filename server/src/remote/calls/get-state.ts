/** The state before an event, whole. Spec: server-server-api#get_matrixfederationv1stateroomid. */

import type { EventId, JsonValue, RoomId } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireList, requireObject } from './reply.ts'

export type RemoteState = { readonly pdus: readonly JsonValue[]; readonly authChain: readonly JsonValue[] }

/** State and auth chain as PDUs. */
export async function getState(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  eventId: EventId,
): Promise<RemoteState> {
  const path = pathOf`/_matrix/federation/v1/state/${roomId}` + queryOf({ event_id: eventId })
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'state' }), 'state')
  return {
    pdus: requireList(reply, 'pdus', callLimits.stateEventsMax),
    authChain: requireList(reply, 'auth_chain', callLimits.stateEventsMax),
  }
}
