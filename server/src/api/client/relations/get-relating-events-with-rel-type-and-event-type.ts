/** What relates to an event in one way, of one type. Spec: client-server-api#relationships-api. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'
import { relationsQuery, relationsWishOf } from './relations-query.ts'

export const getRelatingEventsWithRelTypeAndEventType = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/rooms/{roomId}/relations/{eventId}/{relType}/{eventType}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({
      roomId: roomIdSchema,
      eventId: eventIdSchema,
      relType: Type.String(),
      eventType: Type.String(),
    }),
    query: relationsQuery,
    spec: 'client-server#get_matrixclientv1roomsroomidrelationseventidreltypeeventtype',
  },
  async ({ roomViews }, { caller, params, query }) => {
    const wish = relationsWishOf(query, params.relType, params.eventType)
    return jsonText(await roomViews.relations(caller, params.roomId, params.eventId, wish))
  },
)
