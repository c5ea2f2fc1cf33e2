/** A token to log in with on another device. Spec: client-server-api#post_matrixclientv1loginget_token. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { authSchema } from '../account-schemas.ts'

export const generateLoginToken = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v1/login/get_token',
    auth: 'user',
    limit: 'login',
    body: Type.Object({ auth: authSchema }),
    emptyBodyAllowed: true,
    spec: 'client-server#post_matrixclientv1loginget_token',
  },
  async ({ users }, { caller, body }) =>
    challengeOr(await users.createLoginToken(caller, body.auth), ({ token, expiresInMs }) => ({
      login_token: token,
      expires_in_ms: expiresInMs,
    })),
)
