/** Devices of a user, for that user and for admins. Spec: client-server-api#get_matrixclientv3adminwhoisuserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../schemas.ts'

export const getWhoIs = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/admin/whois/{userId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    spec: 'client-server#get_matrixclientv3adminwhoisuserid',
  },
  ({ moderation }, { caller, params }) => moderation.showSessions(caller, params.userId),
)
