/** Leaves a dehydrated device. Spec: msc3814#uploading-a-dehydrated-device. */

import { endpoint } from '../../../http/index.ts'

export const putDehydratedDevice = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device',
    auth: 'user',
    limit: 'keys',
    spec: 'msc3814#uploading-a-dehydrated-device',
  },
  async ({ devices }, { caller, body }) => devices.putDehydrated(caller, body),
)
