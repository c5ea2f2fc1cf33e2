/** Our public rooms. Spec: server-server-api#get_matrixfederationv1publicrooms. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const getPublicRooms = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/publicRooms',
    auth: 'server',
    limit: 'federation',
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      since: Type.Optional(Type.String()),
    }),
    spec: 'server-server#get_matrixfederationv1publicrooms',
  },
  ({ flows }, { query }) => flows.publicRooms(query),
)
