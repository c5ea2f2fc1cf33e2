/** Tags a room. Spec: client-server-api#put_matrixclientv3useruseridroomsroomidtagstag. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const setRoomTag = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, roomId: roomIdSchema, tag: Type.String() }),
    body: Type.Object({ order: Type.Optional(Type.Number()) }),
    spec: 'client-server#put_matrixclientv3useruseridroomsroomidtagstag',
  },
  async ({ accounts }, { caller, params, body }) => {
    requireSelf(caller, params.userId)
    await accounts.setTag(caller, params.roomId, params.tag, body)
    return {}
  },
)
