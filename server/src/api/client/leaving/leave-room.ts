/** Leaves a room, or refuses an invitation. Spec: client-server-api#post_matrixclientv3roomsroomidleave. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const leaveRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/leave',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({ reason: Type.Optional(Type.String()) }),
    spec: 'client-server#post_matrixclientv3roomsroomidleave',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, params, body }) => {
    await flows.leave(caller, params.roomId, body.reason)
    return {}
  },
)
