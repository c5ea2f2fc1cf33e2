/**
 * A token that proves to another service who the caller is.
 * Spec: client-server-api#post_matrixclientv3useruseridopenidrequest_token.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { userIdSchema } from '../schemas.ts'

export const requestOpenIdToken = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/user/{userId}/openid/request_token',
    auth: 'user',
    limit: 'login',
    params: Type.Object({ userId: userIdSchema }),
    emptyBodyAllowed: true,
    spec: 'client-server#post_matrixclientv3useruseridopenidrequest_token',
  },
  async ({ users }, { caller, params }) => {
    requireSelf(caller, params.userId)
    const { token, serverName, expiresInMs } = await users.createOpenIdToken(caller)
    return {
      access_token: token,
      token_type: 'Bearer',
      matrix_server_name: serverName,
      expires_in: expiresInMs / 1000,
    }
  },
)
