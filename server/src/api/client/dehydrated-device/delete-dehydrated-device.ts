/** Removes the dehydrated device. Spec: msc3814#deleting-a-dehydrated-device. */

import { endpoint } from '../../../http/index.ts'

export const deleteDehydratedDevice = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/unstable/org.matrix.msc3814.v1/dehydrated_device',
    auth: 'user',
    limit: 'keys',
    spec: 'msc3814#deleting-a-dehydrated-device',
  },
  async ({ devices }, { caller }) => devices.removeDehydrated(caller),
)
