/** Suspends an account, or ends that. Spec: client-server-api#put_matrixclientv1adminsuspenduserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const setAdminSuspendUser = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v1/admin/suspend/{userId}',
    auth: 'admin',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    body: Type.Object({ suspended: Type.Boolean() }),
    spec: 'client-server#put_matrixclientv1adminsuspenduserid',
  },
  async ({ moderation }, { params, body }) => {
    await moderation.suspendAccount(params.userId, body.suspended)
    return { suspended: body.suspended }
  },
)
