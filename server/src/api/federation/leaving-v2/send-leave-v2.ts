/** A leave by way of us. Spec: server-server-api#put_matrixfederationv2send_leaveroomideventid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendLeaveV2 = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v2/send_leave/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'server-server#put_matrixfederationv2send_leaveroomideventid',
  },
  async ({ federation }, { server, params, body }) => {
    await federation.takeLeave(server, { ...params, event: body, omitMembers: false })
    return {}
  },
)
