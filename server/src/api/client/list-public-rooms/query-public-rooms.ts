/** Pages of the public room directory, filtered. Spec: client-server-api#post_matrixclientv3publicrooms. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const queryPublicRooms = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/publicRooms',
    auth: 'user',
    limit: 'default',
    query: Type.Object({ server: Type.Optional(Type.String()) }),
    body: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      since: Type.Optional(Type.String()),
      filter: Type.Optional(
        Type.Object({
          generic_search_term: Type.Optional(Type.String()),
          room_types: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Null()]))),
        }),
      ),
    }),
    spec: 'client-server#post_matrixclientv3publicrooms',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, query, body }) => flows.publicRooms({ ...body, ...query }, caller.user),
)
