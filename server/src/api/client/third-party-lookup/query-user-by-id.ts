/**
 * People of other networks for whom a user stands: no bridge makes any.
 * Spec: client-server-api#get_matrixclientv3thirdpartyuser.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const queryUserById = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/thirdparty/user',
    auth: 'user',
    limit: 'default',
    query: Type.Object({ userid: userIdSchema }),
    spec: 'client-server#get_matrixclientv3thirdpartyuser',
  },
  () => [],
)
