/** Logs the device out that asks. Spec: client-server-api#post_matrixclientv3logout. */

import { endpoint } from '../../../http/index.ts'

export const logout = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/logout',
    auth: 'user-or-guest',
    limit: 'default',
    emptyBodyAllowed: true,
    isLockedAllowed: true,
    spec: 'client-server#post_matrixclientv3logout',
  },
  async ({ devices }, { caller }) => {
    if (caller.deviceId !== undefined) await devices.removeDevices(caller.user, [caller.deviceId])
    return {}
  },
)
