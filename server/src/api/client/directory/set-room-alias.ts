/** Adds an alias to a room. Spec: client-server-api#put_matrixclientv3directoryroomroomalias. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomAliasSchema, roomIdSchema } from '../schemas.ts'

export const setRoomAlias = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/directory/room/{roomAlias}',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ roomAlias: roomAliasSchema }),
    body: Type.Object({ room_id: roomIdSchema }),
    spec: 'client-server#put_matrixclientv3directoryroomroomalias',
  },
  async ({ flows }, { caller, params, body }) => {
    await flows.addAlias(caller, params.roomAlias, body.room_id)
    return {}
  },
)
