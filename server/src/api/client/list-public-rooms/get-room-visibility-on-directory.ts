/** Whether a room is listed in the directory. Spec: client-server-api#get_matrixclientv3directorylistroomroomid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getRoomVisibilityOnDirectory = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/directory/list/room/{roomId}',
    auth: 'none',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    spec: 'client-server#get_matrixclientv3directorylistroomroomid',
  },
  async ({ flows }, { params }) => flows.directoryVisibility(params.roomId),
)
