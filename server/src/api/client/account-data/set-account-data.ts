/** Keeps account data of the user. Spec: client-server-api#put_matrixclientv3useruseridaccount_datatype. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { userIdSchema } from '../schemas.ts'

export const setAccountData = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/user/{userId}/account_data/{type}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, type: Type.String() }),
    spec: 'client-server#put_matrixclientv3useruseridaccount_datatype',
  },
  async ({ users }, { caller, params, body }) => {
    requireSelf(caller, params.userId)
    await users.putAccountData(caller.user, null, params.type, body)
    return {}
  },
)
