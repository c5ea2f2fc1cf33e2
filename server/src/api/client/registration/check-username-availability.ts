/** Whether a user name is free. Spec: client-server-api#get_matrixclientv3registeravailable. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const checkUsernameAvailability = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/register/available',
    auth: 'none',
    limit: 'register',
    query: Type.Object({ username: Type.String() }),
    spec: 'client-server#get_matrixclientv3registeravailable',
  },
  async ({ users }, { query }) => {
    await users.requireAvailable(query.username)
    return { available: true }
  },
)
