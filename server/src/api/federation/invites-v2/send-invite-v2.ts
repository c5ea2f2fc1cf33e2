/** An invite of one of our users. Spec: server-server-api#put_matrixfederationv2inviteroomideventid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendInviteV2 = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v2/invite/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'server-server#put_matrixfederationv2inviteroomideventid',
  },
  ({ federation }, { server, params, body }) => federation.takeInvite(server, { ...params, body }),
)
