/** Publishes cross-signing keys. Spec: client-server-api#post_matrixclientv3keysdevice_signingupload. */

import { endpoint } from '../../../http/index.ts'
import { challengeOr } from '../account-replies.ts'
import { crossSigningSchema } from '../account-schemas.ts'

export const uploadCrossSigningKeys = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/keys/device_signing/upload',
    auth: 'user',
    limit: 'keys',
    body: crossSigningSchema,
    spec: 'client-server#post_matrixclientv3keysdevice_signingupload',
  },
  async ({ devices }, { caller, body }) => challengeOr(await devices.uploadCrossSigning(caller, body), () => ({})),
)
