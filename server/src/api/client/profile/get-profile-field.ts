/** One field of a user’s profile. Spec: client-server-api#get_matrixclientv3profileuseridkeyname. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const getProfileField = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/profile/{userId}/{keyName}',
    auth: 'none',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, keyName: Type.String() }),
    spec: 'client-server#get_matrixclientv3profileuseridkeyname',
  },
  async ({ accounts }, { params }) => accounts.requireProfileField(params.userId, params.keyName),
)
