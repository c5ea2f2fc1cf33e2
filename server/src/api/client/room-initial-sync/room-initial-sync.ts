/**
 * A room as it is now, also for those who only look.
 * Spec: client-server-api#get_matrixclientv3roomsroomidinitialsync.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

const limitDefault = 20
const limitMax = 100

export const roomInitialSync = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/initialSync',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({ limit: Type.Optional(Type.Integer({ minimum: 0 })) }),
    spec: 'client-server#get_matrixclientv3roomsroomidinitialsync',
  },
  ({ oldSync }, { caller, params, query }) =>
    oldSync.room(caller, params.roomId, Math.min(query.limit ?? limitDefault, limitMax)),
)
