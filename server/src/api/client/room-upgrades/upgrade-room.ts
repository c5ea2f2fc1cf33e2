/** Replaces a room by one of another version. Spec: client-server-api#post_matrixclientv3roomsroomidupgrade. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const upgradeRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/upgrade',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({
      new_version: Type.String(),
      additional_creators: Type.Optional(Type.Array(Type.String())),
    }),
    spec: 'client-server#post_matrixclientv3roomsroomidupgrade',
  },
  async ({ flows }, { caller, params, body }) => ({
    replacement_room: await flows.upgrade(caller, params.roomId, body),
  }),
)
