/** A template of a knock. Spec: server-server-api#get_matrixfederationv1make_knockroomiduserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../../client/schemas.ts'

export const makeKnock = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/make_knock/{roomId}/{userId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, userId: userIdSchema }),
    query: Type.Object({ ver: Type.Optional(Type.Array(Type.String())) }),
    spec: 'server-server#get_matrixfederationv1make_knockroomiduserid',
  },
  ({ federation }, { server, params, query }) =>
    federation.makeMember(server, 'knock', { ...params, versions: query.ver ?? ['1'] }),
)
