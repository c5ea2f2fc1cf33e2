/** One event. Spec: client-server-api#get_matrixclientv3roomsroomideventeventid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

export const getOneRoomEvent = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/event/{eventId}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'client-server#get_matrixclientv3roomsroomideventeventid',
  },
  async ({ roomViews }, { caller, params }) => jsonText(await roomViews.event(caller, params.roomId, params.eventId)),
)
