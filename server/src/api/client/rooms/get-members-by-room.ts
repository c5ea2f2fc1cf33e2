/** The member events of a room. Spec: client-server-api#get_matrixclientv3roomsroomidmembers. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { membershipSchema, roomIdSchema } from '../schemas.ts'

export const getMembersByRoom = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/members',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({
      at: Type.Optional(Type.String()),
      membership: Type.Optional(membershipSchema),
      not_membership: Type.Optional(membershipSchema),
    }),
    spec: 'client-server#get_matrixclientv3roomsroomidmembers',
  },
  async ({ roomViews }, { caller, params, query }) => {
    const { at, membership, not_membership: notMembership } = query
    return jsonText(await roomViews.members(caller, params.roomId, { at, membership, notMembership }))
  },
)
