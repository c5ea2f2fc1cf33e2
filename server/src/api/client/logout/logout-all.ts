/** Logs all devices of the user out. Spec: client-server-api#post_matrixclientv3logoutall. */

import { endpoint } from '../../../http/index.ts'

export const logoutAll = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/logout/all',
    auth: 'user-or-guest',
    limit: 'default',
    emptyBodyAllowed: true,
    isLockedAllowed: true,
    spec: 'client-server#post_matrixclientv3logoutall',
  },
  async ({ devices }, { caller }) => {
    await devices.removeAllDevices(caller.user)
    return {}
  },
)
