/** Account data of the user. Spec: client-server-api#get_matrixclientv3useruseridaccount_datatype. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { userIdSchema } from '../schemas.ts'

export const getAccountData = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/user/{userId}/account_data/{type}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, type: Type.String() }),
    spec: 'client-server#get_matrixclientv3useruseridaccount_datatype',
  },
  async ({ accounts }, { caller, params }) => {
    requireSelf(caller, params.userId)
    return jsonText(await accounts.requireAccountData(caller, null, params.type))
  },
)
