/** The dehydrated device. Spec: msc3814#rehydrating-a-device. */

import { endpoint } from '../../../http/index.ts'

export const getDehydratedDevice = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device',
    auth: 'user',
    limit: 'keys',
    spec: 'msc3814#rehydrating-a-device',
  },
  async ({ devices }, { caller }) => devices.findDehydrated(caller),
)
