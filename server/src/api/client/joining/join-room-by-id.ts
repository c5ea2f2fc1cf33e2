/** Joins a room by its ID. Spec: client-server-api#post_matrixclientv3roomsroomidjoin. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, thirdPartySignedSchema } from '../schemas.ts'

export const joinRoomById = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/join',
    auth: 'user-or-guest',
    limit: 'join',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({
      reason: Type.Optional(Type.String()),
      third_party_signed: Type.Optional(thirdPartySignedSchema),
    }),
    spec: 'client-server#post_matrixclientv3roomsroomidjoin',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, params, body }) => ({ room_id: await flows.join(caller, params.roomId, body) }),
)
