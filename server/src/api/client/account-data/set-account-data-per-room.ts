/**
 * Keeps account data of the user in one room.
 * Spec: client-server-api#put_matrixclientv3useruseridroomsroomidaccount_datatype.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const setAccountDataPerRoom = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, roomId: roomIdSchema, type: Type.String() }),
    spec: 'client-server#put_matrixclientv3useruseridroomsroomidaccount_datatype',
  },
  async ({ accounts }, { caller, params, body }) => {
    requireSelf(caller, params.userId)
    await accounts.putRoomAccountData(caller, params.roomId, params.type, body)
    return {}
  },
)
