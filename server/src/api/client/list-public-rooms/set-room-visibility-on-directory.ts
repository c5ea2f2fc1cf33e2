/** Lists a room in the directory, or hides it. Spec: client-server-api#put_matrixclientv3directorylistroomroomid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const setRoomVisibilityOnDirectory = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/directory/list/room/{roomId}',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({
      visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
    }),
    spec: 'client-server#put_matrixclientv3directorylistroomroomid',
  },
  async ({ flows }, { caller, params, body }) => {
    await flows.setDirectoryVisibility(caller, params.roomId, body.visibility ?? 'public')
    return {}
  },
)
