/** The tags of a room. Spec: client-server-api#get_matrixclientv3useruseridroomsroomidtags. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const getRoomTags = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/tags',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, roomId: roomIdSchema }),
    spec: 'client-server#get_matrixclientv3useruseridroomsroomidtags',
  },
  async ({ accounts }, { caller, params }) => {
    requireSelf(caller, params.userId)
    return jsonText(await accounts.findTags(caller, params.roomId))
  },
)
