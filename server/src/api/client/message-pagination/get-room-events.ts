/** Pages of a room's timeline. Spec: client-server-api#get_matrixclientv3roomsroomidmessages. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { parseEventFilter } from '../../../rooms/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getRoomEvents = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/messages',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({
      from: Type.Optional(Type.String()),
      to: Type.Optional(Type.String()),
      dir: Type.Optional(Type.Union([Type.Literal('b'), Type.Literal('f')])),
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      filter: Type.Optional(Type.String()),
    }),
    spec: 'client-server#get_matrixclientv3roomsroomidmessages',
  },
  async ({ roomViews }, { caller, params, query }) => {
    const { from, to, dir: direction, limit = 10 } = query
    const filter = parseEventFilter(query.filter)
    return jsonText(await roomViews.messages(caller, params.roomId, { from, to, direction, limit, filter }))
  },
)
