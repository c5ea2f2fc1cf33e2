/** Says whether the user is online. Spec: client-server-api#put_matrixclientv3presenceuseridstatus. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { requireSelf } from '../account-replies.ts'
import { presenceSchema, userIdSchema } from '../schemas.ts'

export const setPresence = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/presence/{userId}/status',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ userId: userIdSchema }),
    body: Type.Object({
      presence: presenceSchema,
      // Clients take a message away with null, which the schema of replies has too.
      status_msg: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    }),
    spec: 'client-server#put_matrixclientv3presenceuseridstatus',
  },
  ({ flows }, { caller, params, body }) => {
    requireSelf(caller, params.userId)
    flows.setPresence(caller, { state: body.presence, statusMessage: body.status_msg })
    return {}
  },
)
