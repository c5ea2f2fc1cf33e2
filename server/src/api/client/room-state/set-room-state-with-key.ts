/** Sets a state event. Spec: client-server-api#put_matrixclientv3roomsroomidstateeventtypestatekey. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const setRoomStateWithKey = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
    auth: 'user-or-guest',
    limit: 'send',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema, eventType: Type.String(), stateKey: Type.Optional(Type.String()) }),
    spec: 'client-server#put_matrixclientv3roomsroomidstateeventtypestatekey',
    aliases: [
      '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
      '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
    ],
  },
  async ({ flows }, { caller, params, body }) => {
    const { roomId, eventType: type, stateKey = '' } = params
    const sent = await flows.send(caller, { roomId, type, stateKey, content: body })
    return { event_id: sent.eventId }
  },
)
