/** All push rules of the user. Spec: client-server-api#get_matrixclientv3pushrules. */

import { endpoint } from '../../../http/index.ts'

export const getPushRules = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/pushrules/',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3pushrules',
  },
  async ({ users }, { caller }) => ({ global: await users.findRuleset(caller.user) }),
)
