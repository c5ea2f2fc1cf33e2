/** What relates to an event. Spec: client-server-api#relationships-api. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'
import { relationsQuery, relationsWishOf } from './relations-query.ts'

export const getRelatingEvents = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    query: relationsQuery,
    spec: 'client-server#get_matrixclientv1roomsroomidrelationseventid',
  },
  async ({ roomViews }, { caller, params, query }) => {
    const wish = relationsWishOf(query)
    return jsonText(await roomViews.relations(caller, params.roomId, params.eventId, wish))
  },
)
