/** The aliases of a room on this server. Spec: client-server-api#get_matrixclientv3roomsroomidaliases. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getLocalAliases = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/aliases',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    spec: 'client-server#get_matrixclientv3roomsroomidaliases',
  },
  async ({ flows }, { caller, params }) => flows.localAliases(caller, params.roomId),
)
