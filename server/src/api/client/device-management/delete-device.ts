/** Removes a device. Spec: client-server-api#delete_matrixclientv3devicesdeviceid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { authSchema, deviceIdSchema } from '../account-schemas.ts'

export const deleteDevice = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/devices/{deviceId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ deviceId: deviceIdSchema }),
    body: Type.Object({ auth: authSchema }),
    spec: 'client-server#delete_matrixclientv3devicesdeviceid',
  },
  async ({ devices }, { caller, params, body }) =>
    challengeOr(await devices.deleteDevices(caller, [params.deviceId], body.auth), () => ({})),
)
