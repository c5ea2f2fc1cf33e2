/** Tells that the caller is typing, or no longer. Spec: client-server-api#put_matrixclientv3roomsroomidtypinguserid. */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

const defaultTimeoutMs = 30_000

export const setTyping = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/rooms/{roomId}/typing/{userId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, userId: userIdSchema }),
    body: Type.Object({
      typing: Type.Boolean(),
      timeout: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
    spec: 'client-server#put_matrixclientv3roomsroomidtypinguserid',
  },
  async ({ sync }, { caller, params, body }) => {
    if (params.userId !== caller.userId) throw new MatrixError('M_FORBIDDEN', 'You can only type for yourself.')
    await sync.setTyping(caller, params.roomId, body.typing ? (body.timeout ?? defaultTimeoutMs) : undefined)
    return {}
  },
)
