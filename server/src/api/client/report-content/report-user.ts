/** Tells the admins of a user. Spec: client-server-api#post_matrixclientv3usersuseridreport. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const reportUser = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/users/{userId}/report',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    body: Type.Object({ reason: Type.String() }),
    spec: 'client-server#post_matrixclientv3usersuseridreport',
  },
  async ({ moderation }, { caller, params, body }) => {
    await moderation.reportUser(caller, params.userId, body.reason)
    return {}
  },
)
