/** Makes an account and logs it in. Spec: client-server-api#post_matrixclientv3register. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr, sessionReply } from '../account-replies.ts'
import { registerRequest, registerSchema } from '../account-schemas.ts'

export const register = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/register',
    auth: 'none',
    limit: 'register',
    query: Type.Object({ kind: Type.Optional(Type.Union([Type.Literal('guest'), Type.Literal('user')])) }),
    body: registerSchema,
    spec: 'client-server#post_matrixclientv3register',
  },
  async ({ users }, { query, body, ip }) =>
    challengeOr(await users.register(registerRequest(query, body, ip)), sessionReply),
)
