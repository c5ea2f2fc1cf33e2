/** Invites a user. Spec: client-server-api#post_matrixclientv3roomsroomidinvite. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const inviteUser = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/invite',
    auth: 'user',
    limit: 'invite',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({ user_id: userIdSchema, reason: Type.Optional(Type.String()) }),
    spec: 'client-server#post_matrixclientv3roomsroomidinvite',
  },
  async ({ flows }, { caller, params, body }) => {
    await flows.invite(caller, params.roomId, body.user_id, body.reason)
    return {}
  },
)
