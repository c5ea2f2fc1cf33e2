/** Asks to be let into a room. Spec: client-server-api#post_matrixclientv3knockroomidoralias. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { targetSchema } from '../schemas.ts'

export const knockRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/knock/{roomIdOrAlias}',
    auth: 'user',
    limit: 'join',
    isRefusedToSuspended: true,
    params: Type.Object({ roomIdOrAlias: targetSchema }),
    query: Type.Object({
      via: Type.Optional(Type.Array(Type.String())),
      server_name: Type.Optional(Type.Array(Type.String())),
    }),
    body: Type.Object({ reason: Type.Optional(Type.String()) }),
    spec: 'client-server#post_matrixclientv3knockroomidoralias',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, params, query, body }) => {
    const via = query.via ?? query.server_name ?? []
    return { room_id: await flows.knock(caller, params.roomIdOrAlias, { reason: body.reason, via }) }
  },
)
