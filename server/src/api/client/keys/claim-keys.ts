/** Takes one-time keys of devices. Spec: client-server-api#post_matrixclientv3keysclaim. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const claimKeys = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/keys/claim',
    auth: 'user-or-guest',
    limit: 'keys',
    body: Type.Object({ timeout: Type.Optional(Type.Integer()), one_time_keys: jsonObjectSchema }),
    spec: 'client-server#post_matrixclientv3keysclaim',
  },
  async ({ devices }, { body }) => jsonText(await devices.claimKeys(body)),
)
