/** The event nearest to a time. Spec: client-server-api#get_matrixclientv1roomsroomidtimestamp_to_event. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getEventByTimestamp = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/rooms/{roomId}/timestamp_to_event',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({
      ts: Type.Integer(),
      dir: Type.Union([Type.Literal('b'), Type.Literal('f')]),
    }),
    spec: 'client-server#get_matrixclientv1roomsroomidtimestamp_to_event',
  },
  ({ roomViews }, { caller, params, query: { ts, dir: direction } }) =>
    roomViews.eventByTime(caller, params.roomId, { ts, direction }),
)
