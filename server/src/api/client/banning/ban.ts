/** Bans a user from a room. Spec: client-server-api#post_matrixclientv3roomsroomidban. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const ban = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/ban',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({ user_id: userIdSchema, reason: Type.Optional(Type.String()) }),
    spec: 'client-server#post_matrixclientv3roomsroomidban',
  },
  async ({ flows }, { caller, params, body }) => {
    await flows.ban(caller, params.roomId, body.user_id, body.reason)
    return {}
  },
)
