/** A template of a join. Spec: server-server-api#get_matrixfederationv1make_joinroomiduserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../../client/schemas.ts'

export const makeJoin = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/make_join/{roomId}/{userId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, userId: userIdSchema }),
    query: Type.Object({ ver: Type.Optional(Type.Array(Type.String())) }),
    spec: 'server-server#get_matrixfederationv1make_joinroomiduserid',
  },
  ({ federation }, { server, params, query }) =>
    federation.makeMember(server, 'join', { ...params, versions: query.ver ?? ['1'] }),
)
