/** Takes an alias away. Spec: client-server-api#delete_matrixclientv3directoryroomroomalias. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomAliasSchema } from '../schemas.ts'

export const deleteRoomAlias = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/directory/room/{roomAlias}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomAlias: roomAliasSchema }),
    spec: 'client-server#delete_matrixclientv3directoryroomroomalias',
  },
  async ({ flows }, { caller, params }) => {
    await flows.deleteAlias(caller, params.roomAlias)
    return {}
  },
)
