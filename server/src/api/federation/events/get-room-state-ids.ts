/** The state before an event, by IDs. Spec: server-server-api#get_matrixfederationv1state_idsroomid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const getRoomStateIds = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/state_ids/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({ event_id: eventIdSchema }),
    spec: 'server-server#get_matrixfederationv1state_idsroomid',
  },
  async ({ federation }, { server, params, query }) =>
    jsonText(await federation.state(server, { ...params, eventId: query.event_id, form: 'ids' })),
)
