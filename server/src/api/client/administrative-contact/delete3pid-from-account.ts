/** Takes an address from the account. Spec: client-server-api#post_matrixclientv3account3piddelete. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const delete3PidFromAccount = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/3pid/delete',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    body: Type.Object({
      medium: Type.Union([Type.Literal('email'), Type.Literal('msisdn')]),
      address: Type.String({ maxLength: 1_000 }),
      id_server: Type.Optional(Type.String()),
    }),
    spec: 'client-server#post_matrixclientv3account3piddelete',
  },
  async ({ accounts }, { caller, body }) => ({
    id_server_unbind_result: await accounts.removeThreePid(caller, body, body.id_server),
  }),
)
