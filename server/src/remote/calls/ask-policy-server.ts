/** Asking the policy server of a room to sign an event. Spec: server-server-api#post_matrixpolicyv1sign. */

import type { JsonValue, RoomEvent } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'

/** The reply, for `addPolicySignature`. */
export function askPolicyServer(requests: SignedRequests, parties: Parties, event: RoomEvent): Promise<JsonValue> {
  return requests.askJson({
    ...parties,
    method: 'POST',
    path: '/_matrix/policy/v1/sign',
    body: event.pdu,
    kind: 'policy',
  })
}
