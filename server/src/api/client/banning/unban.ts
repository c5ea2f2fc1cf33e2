/** Lifts a ban. Spec: client-server-api#post_matrixclientv3roomsroomidunban. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const unban = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/unban',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({ user_id: userIdSchema, reason: Type.Optional(Type.String()) }),
    spec: 'client-server#post_matrixclientv3roomsroomidunban',
  },
  async ({ flows }, { caller, params, body }) => {
    await flows.unban(caller, params.roomId, body.user_id, body.reason)
    return {}
  },
)
