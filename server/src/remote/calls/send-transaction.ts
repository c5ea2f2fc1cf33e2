/** Delivering events. Spec: server-server-api#put_matrixfederationv1sendtxnid. */

import type { JsonObject } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf } from './path.ts'
import { requireObject } from './reply.ts'

/** The result of each event by its ID, as it came. */
export async function sendTransaction(
  requests: SignedRequests,
  parties: Parties,
  transactionId: string,
  body: JsonObject,
): Promise<JsonObject> {
  const path = pathOf`/_matrix/federation/v1/send/${transactionId}`
  const reply = await requests.askJson({ ...parties, method: 'PUT', path, body, kind: 'transaction' })
  return requireObject(requireObject(reply, 'send').pdus ?? {}, 'pdus')
}
