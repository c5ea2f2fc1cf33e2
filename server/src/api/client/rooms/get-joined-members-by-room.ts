/** Names and avatars of the joined members. Spec: client-server-api#get_matrixclientv3roomsroomidjoined_members. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getJoinedMembersByRoom = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/joined_members',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    spec: 'client-server#get_matrixclientv3roomsroomidjoined_members',
  },
  async ({ roomViews }, { caller, params }) => roomViews.joinedMembers(caller, params.roomId),
)
