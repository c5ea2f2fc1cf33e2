/** What relates to an event in one way. Spec: client-server-api#relationships-api. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'
import { relationsQuery, relationsWishOf } from './relations-query.ts'

export const getRelatingEventsWithRelType = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema, relType: Type.String() }),
    query: relationsQuery,
    spec: 'client-server#get_matrixclientv1roomsroomidrelationseventidreltype',
  },
  async ({ roomViews }, { caller, params, query }) => {
    const wish = relationsWishOf(query, params.relType)
    return jsonText(await roomViews.relations(caller, params.roomId, params.eventId, wish))
  },
)
