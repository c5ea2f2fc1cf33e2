/** The keys of users’ devices. Spec: client-server-api#post_matrixclientv3keysquery. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const queryKeys = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/keys/query',
    auth: 'user-or-guest',
    limit: 'keys',
    body: Type.Object({ timeout: Type.Optional(Type.Integer()), device_keys: jsonObjectSchema }),
    spec: 'client-server#post_matrixclientv3keysquery',
  },
  async ({ devices }, { caller, body }) => jsonText(await devices.queryKeys(caller, body)),
)
