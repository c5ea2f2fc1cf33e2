/** Has an identity server forget an address. Spec: client-server-api#post_matrixclientv3account3pidunbind. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const unbind3PidFromAccount = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid/unbind',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      medium: Type.Union([Type.Literal('email'), Type.Literal('msisdn')]),
      address: Type.String({ maxLength: 1_000 }),
      id_server: Type.Optional(Type.String()),
    }),
    spec: 'client-server#post_matrixclientv3account3pidunbind',
  },
  async ({ accounts }, { caller, body }) => ({
    id_server_unbind_result: await accounts.unbindThreePid(caller, body, body.id_server),
  }),
)
