/** Tells the admins of an event. Spec: client-server-api#post_matrixclientv3roomsroomidreporteventid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

export const reportEvent = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/report/{eventId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    body: Type.Object({ reason: Type.Optional(Type.String()) }),
    spec: 'client-server#post_matrixclientv3roomsroomidreporteventid',
  },
  async ({ moderation }, { caller, params, body }) => {
    await moderation.reportEvent(caller, params.roomId, params.eventId, body.reason)
    return {}
  },
)
