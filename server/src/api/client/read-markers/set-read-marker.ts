/** Sets read marker and receipts together. Spec: client-server-api#post_matrixclientv3roomsroomidread_markers. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

export const setReadMarker = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/read_markers',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({
      'm.fully_read': Type.Optional(eventIdSchema),
      'm.read': Type.Optional(eventIdSchema),
      'm.read.private': Type.Optional(eventIdSchema),
    }),
    spec: 'client-server#post_matrixclientv3roomsroomidread_markers',
  },
  async ({ sync }, { caller, params, body }) => {
    const { 'm.fully_read': fullyRead, 'm.read': read, 'm.read.private': readPrivate } = body
    await sync.setReadMarkers(caller, params.roomId, { fullyRead, read, readPrivate })
    return {}
  },
)
