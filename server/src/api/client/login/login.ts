/** Logs a user in. Spec: client-server-api#post_matrixclientv3login. */

import { endpoint } from '../../../http/index.ts'
import { sessionReply } from '../account-replies.ts'
import { loginRequest, loginSchema } from '../account-schemas.ts'

export const login = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/login',
    auth: 'none',
    limit: 'login',
    body: loginSchema,
    spec: 'client-server#post_matrixclientv3login',
  },
  async ({ users }, { body, ip }) => sessionReply(await users.logIn(loginRequest(body, ip))),
)
