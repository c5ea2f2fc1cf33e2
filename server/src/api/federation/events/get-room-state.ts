/** The state before an event, whole. Spec: server-server-api#get_matrixfederationv1stateroomid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const getRoomState = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/state/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({ event_id: eventIdSchema }),
    spec: 'server-server#get_matrixfederationv1stateroomid',
  },
  async ({ federation }, { server, params, query }) =>
    jsonText(await federation.state(server, { ...params, eventId: query.event_id, form: 'events' })),
)
