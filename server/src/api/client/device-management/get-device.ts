/** One of the user’s devices. Spec: client-server-api#get_matrixclientv3devicesdeviceid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { deviceIdSchema } from '../account-schemas.ts'

export const getDevice = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/devices/{deviceId}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ deviceId: deviceIdSchema }),
    spec: 'client-server#get_matrixclientv3devicesdeviceid',
  },
  async ({ accounts }, { caller, params }) => accounts.requireDevice(caller, params.deviceId),
)
