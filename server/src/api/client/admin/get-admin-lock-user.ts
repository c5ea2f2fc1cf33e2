/** Whether an account is locked. Spec: client-server-api#get_matrixclientv1adminlockuserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const getAdminLockUser = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/admin/lock/{userId}',
    auth: 'admin',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    spec: 'client-server#get_matrixclientv1adminlockuserid',
  },
  async ({ moderation }, { params }) => ({ locked: await moderation.isAccountLocked(params.userId) }),
)
