/** Our public rooms, filtered. Spec: server-server-api#post_matrixfederationv1publicrooms. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const queryPublicRooms = endpoint(
  {
    method: 'POST',
    path: '/_matrix/federation/v1/publicRooms',
    auth: 'server',
    limit: 'federation',
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
    spec: 'server-server#post_matrixfederationv1publicrooms',
    emptyBodyAllowed: true,
  },
  ({ flows }, { body: { limit, since, filter } }) =>
    flows.publicRooms({
      ...(limit !== undefined && { limit }),
      ...(since !== undefined && { since }),
      ...(filter !== undefined && { filter }),
    }),
)
