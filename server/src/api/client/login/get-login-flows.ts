/** The ways to log in. Spec: client-server-api#get_matrixclientv3login. */

import { endpoint } from '../../../http/index.ts'

export const getLoginFlows = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/login',
    auth: 'none',
    limit: 'login',
    spec: 'client-server#get_matrixclientv3login',
  },
  ({ users }) => ({ flows: users.loginFlows }),
)
