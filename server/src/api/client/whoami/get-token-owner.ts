/** Who the access token belongs to. Spec: client-server-api#get_matrixclientv3accountwhoami. */

import { endpoint } from '../../../http/index.ts'

export const getTokenOwner = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/account/whoami',
    auth: 'user-or-guest',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3accountwhoami',
  },
  (_components, { caller }) => ({ user_id: caller.userId, device_id: caller.deviceId, is_guest: caller.isGuest }),
)
