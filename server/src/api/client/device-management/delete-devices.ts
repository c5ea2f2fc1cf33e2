/** Removes several devices. Spec: client-server-api#post_matrixclientv3delete_devices. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { authSchema, deviceIdSchema } from '../account-schemas.ts'

export const deleteDevices = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/delete_devices',
    auth: 'user',
    limit: 'default',
    body: Type.Object({ devices: Type.Array(deviceIdSchema), auth: authSchema }),
    spec: 'client-server#post_matrixclientv3delete_devices',
  },
  async ({ devices }, { caller, body }) =>
    challengeOr(await devices.deleteDevices(caller, body.devices, body.auth), () => ({})),
)
