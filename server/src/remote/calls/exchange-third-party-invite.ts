/**
 * Turning a third-party invite into an invite. Spec:
 * server-server-api#put_matrixfederationv1exchange_third_party_inviteroomid.
 */

import type { JsonObject, RoomId } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'

export async function exchangeThirdPartyInvite(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  body: JsonObject,
): Promise<void> {
  const path = pathOf`/_matrix/federation/v1/exchange_third_party_invite/${roomId}`
  await requests.askJson({ ...parties, method: 'PUT', path, body, kind: 'handshake' })
}
