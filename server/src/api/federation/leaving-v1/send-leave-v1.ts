/** A leave by way of us, as old servers ask. Spec: server-server-api#leaving-rooms-rejecting-invites. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendLeaveV1 = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/send_leave/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'parallax#send-leave-v1',
  },
  async ({ federation }, { server, params, body }) => {
    await federation.takeLeave(server, { ...params, event: body, omitMembers: false })
    return jsonText('[200,{}]')
  },
)
