/**
 * What one may know of a room before joining it.
 * Spec: client-server-api#get_matrixclientv1room_summaryroomidoralias.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { targetSchema } from '../schemas.ts'

export const getRoomSummary = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/room_summary/{roomIdOrAlias}',
    auth: 'optional-user',
    limit: 'default',
    params: Type.Object({ roomIdOrAlias: targetSchema }),
    query: Type.Object({ via: Type.Optional(Type.Array(Type.String())) }),
    spec: 'client-server#get_matrixclientv1room_summaryroomidoralias',
  },
  ({ flows }, { caller, params, query: { via } }) => flows.summary(caller, params.roomIdOrAlias, via),
)
