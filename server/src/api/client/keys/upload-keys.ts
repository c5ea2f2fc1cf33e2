/** Publishes keys of the device. Spec: client-server-api#post_matrixclientv3keysupload. */

import { endpoint } from '../../../http/index.ts'

export const uploadKeys = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/keys/upload',
    auth: 'user-or-guest',
    limit: 'keys',
    spec: 'client-server#post_matrixclientv3keysupload',
  },
  async ({ devices }, { caller, body }) => devices.uploadKeys(caller, body),
)
