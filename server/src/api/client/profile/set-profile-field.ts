/** Sets a field of the user’s profile. Spec: client-server-api#put_matrixclientv3profileuseridkeyname. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { userIdSchema } from '../schemas.ts'

export const setProfileField = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/profile/{userId}/{keyName}',
    auth: 'user-or-guest',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ userId: userIdSchema, keyName: Type.String() }),
    spec: 'client-server#put_matrixclientv3profileuseridkeyname',
  },
  async ({ accounts }, { caller, params, body }) => {
    requireSelf(caller, params.userId)
    await accounts.setProfileField(caller, params.keyName, body)
    return {}
  },
)
