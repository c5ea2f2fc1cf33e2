/** New tokens for a refresh token. Spec: client-server-api#post_matrixclientv3refresh. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const refresh = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/refresh',
    auth: 'none',
    limit: 'login',
    body: Type.Object({ refresh_token: Type.String() }),
    spec: 'client-server#post_matrixclientv3refresh',
  },
  async ({ users }, { body }) => {
    const { accessToken, refreshToken, expiresInMs } = await users.refresh(body.refresh_token)
    return { access_token: accessToken, refresh_token: refreshToken, expires_in_ms: expiresInMs }
  },
)
