/** Whose OpenID token this is. Spec: server-server-api#get_matrixfederationv1openiduserinfo. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const exchangeOpenIdToken = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/openid/userinfo',
    auth: 'none',
    limit: 'default',
    query: Type.Object({ access_token: Type.String() }),
    spec: 'server-server#get_matrixfederationv1openiduserinfo',
  },
  async ({ users }, { query }) => ({ sub: await users.requireOpenIdUser(query.access_token) }),
)
