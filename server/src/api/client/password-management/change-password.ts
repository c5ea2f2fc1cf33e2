/** Sets a new password. Spec: client-server-api#post_matrixclientv3accountpassword. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { authSchema } from '../account-schemas.ts'

export const changePassword = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/password',
    auth: 'optional-user',
    limit: 'login',
    body: Type.Object({
      new_password: Type.String(),
      logout_devices: Type.Optional(Type.Boolean()),
      auth: authSchema,
    }),
    spec: 'client-server#post_matrixclientv3accountpassword',
  },
  async ({ accounts }, { caller, body }) => {
    const { new_password: password, logout_devices: isLogoutWanted = true, auth } = body
    const request = { password, isLogoutWanted, auth }
    const outcome = caller ? await accounts.changePassword(caller, request) : await accounts.resetPassword(request)
    return challengeOr(outcome, () => ({}))
  },
)
