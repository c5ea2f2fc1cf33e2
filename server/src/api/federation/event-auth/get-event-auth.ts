/** The auth chain of an event. Spec: server-server-api#get_matrixfederationv1event_authroomideventid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const getEventAuth = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/event_auth/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    spec: 'server-server#get_matrixfederationv1event_authroomideventid',
  },
  async ({ federation }, { server, params }) => jsonText(await federation.eventAuth(server, params)),
)
