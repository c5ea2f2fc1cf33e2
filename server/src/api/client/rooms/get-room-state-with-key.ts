/**
 * One state event: its content, or with `format=event` the whole. Spec:
 * client-server-api#get_matrixclientv3roomsroomidstateeventtypestatekey.
 */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getRoomStateWithKey = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/{stateKey}',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, eventType: Type.String(), stateKey: Type.Optional(Type.String()) }),
    query: Type.Object({ format: Type.Optional(Type.Union([Type.Literal('content'), Type.Literal('event')])) }),
    spec: 'client-server#get_matrixclientv3roomsroomidstateeventtypestatekey',
    aliases: [
      '/_matrix/client/v3/rooms/{roomId}/state/{eventType}',
      '/_matrix/client/v3/rooms/{roomId}/state/{eventType}/',
    ],
  },
  async ({ roomViews }, { caller, params, query }) => {
    const { roomId, eventType: type, stateKey = '' } = params
    return jsonText(await roomViews.stateEvent(caller, roomId, { type, stateKey, format: query.format ?? 'content' }))
  },
)
