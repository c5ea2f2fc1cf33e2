/** Takes a tag from a room. Spec: client-server-api#delete_matrixclientv3useruseridroomsroomidtagstag. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const deleteRoomTag = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags/{tag}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, roomId: roomIdSchema, tag: Type.String() }),
    spec: 'client-server#delete_matrixclientv3useruseridroomsroomidtagstag',
  },
  async ({ accounts }, { caller, params }) => {
    requireSelf(caller, params.userId)
    await accounts.setTag(caller, params.roomId, params.tag, undefined)
    return {}
  },
)
