/** Whether an account is suspended. Spec: client-server-api#get_matrixclientv1adminsuspenduserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const getAdminSuspendUser = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/admin/suspend/{userId}',
    auth: 'admin',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    spec: 'client-server#get_matrixclientv1adminsuspenduserid',
  },
  async ({ moderation }, { params }) => ({ suspended: await moderation.isAccountSuspended(params.userId) }),
)
