/** A join by way of us, as old servers ask. Spec: server-server-api#joining-rooms. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendJoinV1 = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/send_join/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'parallax#send-join-v1',
  },
  async ({ federation }, { server, params, body }) => {
    const text = await federation.takeJoin(server, { ...params, event: body, omitMembers: false })
    return jsonText(`[200,${text}]`)
  },
)
