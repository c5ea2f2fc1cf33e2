/** Ends an account for good. Spec: client-server-api#post_matrixclientv3accountdeactivate. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { authSchema } from '../account-schemas.ts'

export const deactivateAccount = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/account/deactivate',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      auth: authSchema,
      erase: Type.Optional(Type.Boolean()),
      id_server: Type.Optional(Type.String()),
    }),
    emptyBodyAllowed: true,
    spec: 'client-server#post_matrixclientv3accountdeactivate',
  },
  async ({ accounts }, { caller, body }) =>
    challengeOr(await accounts.deactivate(caller, body.auth, body.id_server), (result) => ({
      id_server_unbind_result: result,
    })),
)
