/** The profile of a user. Spec: server-server-api#get_matrixfederationv1queryprofile. */

import type { JsonObject, UserId } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireObject } from './reply.ts'

/** All fields, or the one that is asked for. */
export async function queryProfile(
  requests: SignedRequests,
  parties: Parties,
  userId: UserId,
  field?: string,
): Promise<JsonObject> {
  const path = pathOf`/_matrix/federation/v1/query/profile` + queryOf({ user_id: userId, field })
  return requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'query' }), 'profile')
}
