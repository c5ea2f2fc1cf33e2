/** Where the notifications of the caller go. Spec: client-server-api#get_matrixclientv3pushers. */

import { endpoint, jsonText } from '../../../http/index.ts'

export const getPushers = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/pushers',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3pushers',
  },
  async ({ users }, { caller }) => {
    const pushers = await users.listPushers(caller.user)
    return jsonText(`{"pushers":[${pushers.map(({ content }) => content).join(',')}]}`)
  },
)
