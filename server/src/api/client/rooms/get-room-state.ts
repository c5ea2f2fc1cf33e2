/** The state of a room. Spec: client-server-api#get_matrixclientv3roomsroomidstate. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getRoomState = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/state',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    spec: 'client-server#get_matrixclientv3roomsroomidstate',
  },
  async ({ roomViews }, { caller, params }) => jsonText(await roomViews.state(caller, params.roomId)),
)
