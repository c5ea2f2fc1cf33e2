/**
 * Account data of the user in one room.
 * Spec: client-server-api#get_matrixclientv3useruseridroomsroomidaccount_datatype.
 */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const getAccountDataPerRoom = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/user/{userId}/rooms/{roomId}/account_data/{type}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, roomId: roomIdSchema, type: Type.String() }),
    spec: 'client-server#get_matrixclientv3useruseridroomsroomidaccount_datatype',
  },
  async ({ accounts }, { caller, params }) => {
    requireSelf(caller, params.userId)
    return jsonText(await accounts.requireAccountData(caller, params.roomId, params.type))
  },
)
