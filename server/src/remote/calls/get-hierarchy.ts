/** A space and its rooms. Spec: server-server-api#get_matrixfederationv1hierarchyroomid. */

import type { JsonObject, RoomId } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'
import { requireObject } from './reply.ts'

/** The reply as it came: its room, its children and those that cannot be read. */
export async function getHierarchy(
  requests: SignedRequests,
  parties: Parties,
  roomId: RoomId,
  isSuggestedOnly: boolean,
): Promise<JsonObject> {
  const path = pathOf`/_matrix/federation/v1/hierarchy/${roomId}` + queryOf({ suggested_only: isSuggestedOnly })
  const reply = requireObject(await requests.askJson({ ...parties, method: 'GET', path, kind: 'query' }), 'hierarchy')
  requireObject(reply.room, 'room')
  return reply
}
