/** A knock by way of us. Spec: server-server-api#put_matrixfederationv1send_knockroomideventid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendKnock = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/send_knock/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'server-server#put_matrixfederationv1send_knockroomideventid',
  },
  ({ federation }, { server, params, body }) =>
    federation.takeKnock(server, { ...params, event: body, omitMembers: false }),
)
