/** Messages that wait for the dehydrated device. Spec: msc3814#rehydrating-a-device. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { deviceIdSchema } from '../account-schemas.ts'

export const listDehydratedEvents = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device/{deviceId}/events',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ deviceId: deviceIdSchema }),
    emptyBodyAllowed: true,
    spec: 'msc3814#rehydrating-a-device',
  },
  async ({ devices }, { caller, params, body }) =>
    jsonText(await devices.listDehydratedEvents(caller, params.deviceId, body)),
)
