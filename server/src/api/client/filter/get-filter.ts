/** A filter that was kept. Spec: client-server-api#get_matrixclientv3useruseridfilterfilterid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { userIdSchema } from '../schemas.ts'

export const getFilter = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/user/{userId}/filter/{filterId}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema, filterId: Type.String() }),
    spec: 'client-server#get_matrixclientv3useruseridfilterfilterid',
  },
  async ({ accounts }, { caller, params }) => {
    requireSelf(caller, params.userId)
    return accounts.requireFilter(caller, params.filterId)
  },
)
