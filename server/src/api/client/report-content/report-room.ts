/** Tells the admins of a room. Spec: client-server-api#post_matrixclientv3roomsroomidreport. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const reportRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/report',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({ reason: Type.String() }),
    spec: 'client-server#post_matrixclientv3roomsroomidreport',
  },
  async ({ moderation }, { caller, params, body }) => {
    await moderation.reportRoom(caller, params.roomId, body.reason)
    return {}
  },
)
