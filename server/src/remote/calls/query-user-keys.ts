/** Device keys of users. Spec: server-server-api#post_matrixfederationv1userkeysquery. */

import type { JsonObject } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { requireObject } from './reply.ts'

/** The reply as it came. `deviceKeys`: device IDs by user; an empty list asks for all. */
export async function queryUserKeys(
  requests: SignedRequests,
  parties: Parties,
  deviceKeys: Readonly<Record<string, readonly string[]>>,
): Promise<JsonObject> {
  const path = '/_matrix/federation/v1/user/keys/query'
  const body = { device_keys: deviceKeys as JsonObject }
  return requireObject(await requests.askJson({ ...parties, method: 'POST', path, body, kind: 'events' }), 'keys')
}
