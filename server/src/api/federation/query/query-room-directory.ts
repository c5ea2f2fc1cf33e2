/** Where one of our aliases leads. Spec: server-server-api#get_matrixfederationv1querydirectory. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomAliasSchema } from '../../client/schemas.ts'

export const queryRoomDirectory = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/query/directory',
    auth: 'server',
    limit: 'federation',
    query: Type.Object({ room_alias: roomAliasSchema }),
    spec: 'server-server#get_matrixfederationv1querydirectory',
  },
  ({ flows }, { query }) => flows.resolveOwnAlias(query.room_alias),
)
