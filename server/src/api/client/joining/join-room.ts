/** Joins a room by its ID or alias. Spec: client-server-api#post_matrixclientv3joinroomidoralias. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { targetSchema, thirdPartySignedSchema } from '../schemas.ts'

export const joinRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/join/{roomIdOrAlias}',
    auth: 'user-or-guest',
    limit: 'join',
    isRefusedToSuspended: true,
    params: Type.Object({ roomIdOrAlias: targetSchema }),
    query: Type.Object({
      via: Type.Optional(Type.Array(Type.String())),
      server_name: Type.Optional(Type.Array(Type.String())),
    }),
    body: Type.Object({
      reason: Type.Optional(Type.String()),
      third_party_signed: Type.Optional(thirdPartySignedSchema),
    }),
    spec: 'client-server#post_matrixclientv3joinroomidoralias',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, params, query, body }) => {
    const via = query.via ?? query.server_name ?? []
    return { room_id: await flows.join(caller, params.roomIdOrAlias, body, via) }
  },
)
