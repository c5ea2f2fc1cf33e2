/** Forgets a room that was left. Spec: client-server-api#post_matrixclientv3roomsroomidforget. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const forgetRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/forget',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    spec: 'client-server#post_matrixclientv3roomsroomidforget',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, params }) => {
    await flows.forget(caller, params.roomId)
    return {}
  },
)
