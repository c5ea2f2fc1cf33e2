/**
 * What happens after a token: in one room, also for those who only look, or in all of one's own.
 * Spec: client-server-api#get_matrixclientv3events, client-server-api#peeking_get_matrixclientv3events.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getEvents = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/events',
    auth: 'user-or-guest',
    limit: 'sync',
    query: Type.Object({
      from: Type.Optional(Type.String()),
      timeout: Type.Optional(Type.Integer({ minimum: 0 })),
      room_id: Type.Optional(roomIdSchema),
    }),
    spec: 'client-server#get_matrixclientv3events',
  },
  ({ oldSync }, { caller, query, signal }) => {
    const { from, timeout, room_id: roomId } = query
    return oldSync.listen(caller, { from, timeout, roomId }, signal)
  },
)
