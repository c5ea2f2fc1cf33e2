/** Whether a user is online. Spec: client-server-api#get_matrixclientv3presenceuseridstatus. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const getPresence = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/presence/{userId}/status',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    spec: 'client-server#get_matrixclientv3presenceuseridstatus',
  },
  ({ flows }, { caller, params }) => flows.presence(caller, params.userId),
)
