/** One-time keys of devices. Spec: server-server-api#post_matrixfederationv1userkeysclaim. */

import type { JsonObject } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { requireObject } from './reply.ts'

/** The reply as it came. `oneTimeKeys`: algorithms by user and device. */
export async function claimUserKeys(
  requests: SignedRequests,
  parties: Parties,
  oneTimeKeys: Readonly<Record<string, Readonly<Record<string, string>>>>,
): Promise<JsonObject> {
  const path = '/_matrix/federation/v1/user/keys/claim'
  const body = { one_time_keys: oneTimeKeys as JsonObject }
  return requireObject(await requests.askJson({ ...parties, method: 'POST', path, body, kind: 'query' }), 'keys')
}
