/** Pages of the public room directory. Spec: client-server-api#get_matrixclientv3publicrooms. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const getPublicRooms = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/publicRooms',
    auth: 'optional-user',
    limit: 'default',
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      since: Type.Optional(Type.String()),
      server: Type.Optional(Type.String()),
    }),
    spec: 'client-server#get_matrixclientv3publicrooms',
  },
  async ({ flows }, { caller, query }) => flows.publicRooms(query, caller?.user),
)
