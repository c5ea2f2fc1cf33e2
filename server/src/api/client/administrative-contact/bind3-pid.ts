/** Tells an identity server of an address. Spec: client-server-api#post_matrixclientv3account3pidbind. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const bind3Pid = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid/bind',
    auth: 'user',
    limit: 'login',
    body: Type.Object({
      client_secret: Type.String(),
      id_server: Type.String(),
      id_access_token: Type.String(),
      sid: Type.String(),
    }),
    spec: 'client-server#post_matrixclientv3account3pidbind',
  },
  async ({ accounts }, { caller, body }) => {
    await accounts.bindThreePid(caller, body)
    return {}
  },
)
