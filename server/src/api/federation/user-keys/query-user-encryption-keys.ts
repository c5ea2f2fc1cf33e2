/** Device and cross-signing keys of our users. Spec: server-server-api#post_matrixfederationv1userkeysquery. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { jsonObjectSchema } from '../../client/schemas.ts'

export const queryUserEncryptionKeys = endpoint(
  {
    method: 'POST',
    path: '/_matrix/federation/v1/user/keys/query',
    auth: 'server',
    limit: 'federation',
    body: Type.Object({ device_keys: jsonObjectSchema }),
    spec: 'server-server#post_matrixfederationv1userkeysquery',
  },
  async ({ devices }, { body }) => jsonText(await devices.queryKeysForServer(body)),
)
