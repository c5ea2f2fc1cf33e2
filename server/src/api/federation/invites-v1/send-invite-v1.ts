/**
 * An invite of one of our users to a room of version 1 or 2. Spec:
 * server-server-api#put_matrixfederationv1inviteroomideventid.
 */

import { Type } from 'typebox'
import { inviteBodyOf } from '../../../federation/index.ts'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendInviteV1 = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/invite/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'server-server#put_matrixfederationv1inviteroomideventid',
  },
  async ({ federation }, { server, params, body }) => {
    const reply = await federation.takeInvite(server, { ...params, body: inviteBodyOf(body) })
    return jsonText(JSON.stringify([200, reply]))
  },
)
