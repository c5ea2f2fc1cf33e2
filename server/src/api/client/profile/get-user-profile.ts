/** All of a user’s profile. Spec: client-server-api#get_matrixclientv3profileuserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const getUserProfile = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/profile/{userId}',
    auth: 'none',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    spec: 'client-server#get_matrixclientv3profileuserid',
  },
  async ({ accounts }, { params }) => accounts.requireProfile(params.userId),
)
