/** The user’s devices. Spec: client-server-api#get_matrixclientv3devices. */

import { endpoint } from '../../../http/index.ts'

export const getDevices = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/devices',
    auth: 'user-or-guest',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3devices',
  },
  async ({ devices }, { caller }) => ({ devices: await devices.listDevices(caller.user) }),
)
