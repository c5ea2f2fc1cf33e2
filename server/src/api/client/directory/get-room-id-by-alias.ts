/** The room that an alias leads to. Spec: client-server-api#get_matrixclientv3directoryroomroomalias. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomAliasSchema } from '../schemas.ts'

export const getRoomIdByAlias = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/directory/room/{roomAlias}',
    auth: 'none',
    limit: 'default',
    params: Type.Object({ roomAlias: roomAliasSchema }),
    spec: 'client-server#get_matrixclientv3directoryroomroomalias',
  },
  async ({ flows }, { params }) => flows.resolveAlias(params.roomAlias),
)
