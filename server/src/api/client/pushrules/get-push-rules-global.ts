/** The push rules of the user by kind. Spec: client-server-api#get_matrixclientv3pushrulesglobal. */

import { endpoint } from '../../../http/index.ts'

export const getPushRulesGlobal = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/pushrules/global/',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3pushrulesglobal',
  },
  async ({ users }, { caller }) => users.findRuleset(caller.user),
)
