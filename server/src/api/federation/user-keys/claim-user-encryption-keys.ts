/** One-time keys of our users' devices. Spec: server-server-api#post_matrixfederationv1userkeysclaim. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { jsonObjectSchema } from '../../client/schemas.ts'

export const claimUserEncryptionKeys = endpoint(
  {
    method: 'POST',
    path: '/_matrix/federation/v1/user/keys/claim',
    auth: 'server',
    limit: 'federation',
    body: Type.Object({ one_time_keys: jsonObjectSchema }),
    spec: 'server-server#post_matrixfederationv1userkeysclaim',
  },
  async ({ devices }, { body }) => jsonText(await devices.claimKeysForServer(body)),
)
