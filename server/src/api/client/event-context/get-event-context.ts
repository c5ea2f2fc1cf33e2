/** An event and its neighbours. Spec: client-server-api#get_matrixclientv3roomsroomidcontexteventid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { parseEventFilter } from '../../../rooms/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

export const getEventContext = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/context/{eventId}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      filter: Type.Optional(Type.String()),
    }),
    spec: 'client-server#get_matrixclientv3roomsroomidcontexteventid',
  },
  async ({ roomViews }, { caller, params, query }) => {
    const { limit = 10 } = query
    const filter = parseEventFilter(query.filter)
    return jsonText(await roomViews.context(caller, params.roomId, params.eventId, { limit, filter }))
  },
)
