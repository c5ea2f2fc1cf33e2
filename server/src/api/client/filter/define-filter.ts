/** Keeps a filter. Spec: client-server-api#post_matrixclientv3useruseridfilter. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { filterSchema } from '../account-schemas.ts'
import { userIdSchema } from '../schemas.ts'

export const defineFilter = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/user/{userId}/filter',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    body: filterSchema,
    spec: 'client-server#post_matrixclientv3useruseridfilter',
  },
  async ({ users }, { caller, params, body }) => {
    requireSelf(caller, params.userId)
    return { filter_id: await users.createFilter(caller.user, body) }
  },
)
