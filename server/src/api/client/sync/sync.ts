/** What is new for a device. Spec: client-server-api#get_matrixclientv3sync. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { presenceSchema } from '../schemas.ts'

export const sync = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/sync',
    auth: 'user-or-guest',
    limit: 'sync',
    query: Type.Object({
      filter: Type.Optional(Type.String()),
      since: Type.Optional(Type.String()),
      full_state: Type.Optional(Type.Boolean()),
      set_presence: Type.Optional(presenceSchema),
      timeout: Type.Optional(Type.Integer({ minimum: 0 })),
      use_state_after: Type.Optional(Type.Boolean()),
      'org.matrix.msc4222.use_state_after': Type.Optional(Type.Boolean()),
    }),
    spec: 'client-server#get_matrixclientv3sync',
  },
  async ({ sync }, call) => jsonText(await sync.next(call.caller, call.query, call.signal)),
)
