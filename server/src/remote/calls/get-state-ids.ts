/** The state before an event, by IDs. Spec: server-server-api#get_matrixfederationv1state_idsroomid. */

import type { EventId, RoomId } from '@parallax/protocol'
import { callLimits } from '../limits.ts'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireObject, requireTexts } from './reply.ts'

export type RemoteStateIds = { readonly pduIds: readonly EventId[]; readonly authChainIds: readonly EventId[] }

export async function getStateIds(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  eventId: EventId,
): Promise<RemoteStateIds> {
  const path = pathOf`/_matrix/federation/v1/state_ids/${roomId}` + queryOf({ event_id: eventId })
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'state' }), 'state_ids')
  return {
    pduIds: requireTexts(reply, 'pdu_ids', callLimits.stateEventsMax) as readonly EventId[],
    authChainIds: requireTexts(reply, 'auth_chain_ids', callLimits.stateEventsMax) as readonly EventId[],
  }
}
