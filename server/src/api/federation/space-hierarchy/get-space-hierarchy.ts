/** A space and the rooms in it. Spec: server-server-api#get_matrixfederationv1hierarchyroomid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../../client/schemas.ts'

export const getSpaceHierarchy = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/hierarchy/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({ suggested_only: Type.Optional(Type.Boolean()) }),
    spec: 'server-server#get_matrixfederationv1hierarchyroomid',
  },
  ({ federation }, { server, params, query }) =>
    federation.hierarchy(server, params.roomId, query.suggested_only === true),
)
