/** Names a device. Spec: client-server-api#put_matrixclientv3devicesdeviceid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { deviceIdSchema } from '../account-schemas.ts'

export const updateDevice = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/devices/{deviceId}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ deviceId: deviceIdSchema }),
    body: Type.Object({ display_name: Type.Optional(Type.String()) }),
    spec: 'client-server#put_matrixclientv3devicesdeviceid',
  },
  async ({ devices }, { caller, params, body }) => {
    await devices.renameDevice(caller, params.deviceId, body.display_name)
    return {}
  },
)
