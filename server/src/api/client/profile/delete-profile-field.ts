/** Takes a field from the user’s profile. Spec: client-server-api#delete_matrixclientv3profileuseridkeyname. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { userIdSchema } from '../schemas.ts'

export const deleteProfileField = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/profile/{userId}/{keyName}',
    auth: 'user-or-guest',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ userId: userIdSchema, keyName: Type.String() }),
    spec: 'client-server#delete_matrixclientv3profileuseridkeyname',
  },
  async ({ accounts }, { caller, params }) => {
    requireSelf(caller, params.userId)
    await accounts.removeProfileField(caller, params.keyName)
    return {}
  },
)
