/**
 * Templates of joins, knocks and leaves. Spec: server-server-api#get_matrixfederationv1make_joinroomiduserid and its
 * like.
 */

import type { HandshakeMembership, JsonValue, RoomId, UserId } from '@parallax/protocol'
import type { Parties, SignedRequests } from '../signed/signed-request.ts'
import { pathOf, queryOf } from './path.ts'

/** Room versions that we know, for joins and knocks. */
export type MakeMemberQuestion = {
  readonly roomId: RoomId
  readonly userId: UserId
  readonly versions: readonly string[]
}

/** The reply, for `parseMemberTemplate`. */
export function makeMember(
  requests: SignedRequests,
  parties: Parties,
  membership: HandshakeMembership,
  { roomId, userId, versions }: MakeMemberQuestion,
): Promise<JsonValue> {
  const bases: Record<HandshakeMembership, string> = {
    join: '/_matrix/federation/v1/make_join/',
    knock: '/_matrix/federation/v1/make_knock/',
    leave: '/_matrix/federation/v1/make_leave/',
  }
  const query = membership === 'leave' ? '' : queryOf({ ver: versions })
  const path = bases[membership] + pathOf`${roomId}/${userId}` + query
  return requests.askJson({ ...parties, method: 'GET', path, kind: 'handshake' })
}
