/** Adds a confirmed address. Spec: client-server-api#post_matrixclientv3account3pidadd. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { authSchema } from '../account-schemas.ts'

export const add3Pid = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid/add',
    auth: 'user',
    limit: 'login',
    body: Type.Object({ sid: Type.String(), client_secret: Type.String(), auth: authSchema }),
    spec: 'client-server#post_matrixclientv3account3pidadd',
  },
  async ({ users }, { caller, body }) => {
    const { sid, client_secret: clientSecret, auth } = body
    return challengeOr(await users.addThreePid(caller, { sid, clientSecret }, auth), () => ({}))
  },
)
