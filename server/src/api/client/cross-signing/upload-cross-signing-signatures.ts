/** Publishes signatures of keys. Spec: client-server-api#post_matrixclientv3keyssignaturesupload. */

import { endpoint } from '../../../http/index.ts'

export const uploadCrossSigningSignatures = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/keys/signatures/upload',
    auth: 'user',
    limit: 'keys',
    spec: 'client-server#post_matrixclientv3keyssignaturesupload',
  },
  async ({ devices }, { caller, body }) => devices.uploadSignatures(caller, body),
)
