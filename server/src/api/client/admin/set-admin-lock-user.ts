/** Locks or unlocks an account. Spec: client-server-api#put_matrixclientv1adminlockuserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const setAdminLockUser = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v1/admin/lock/{userId}',
    auth: 'admin',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    body: Type.Object({ locked: Type.Boolean() }),
    spec: 'client-server#put_matrixclientv1adminlockuserid',
  },
  async ({ moderation }, { params, body }) => {
    await moderation.lockAccount(params.userId, body.locked)
    return { locked: body.locked }
  },
)
