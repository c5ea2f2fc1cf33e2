/** One event. Spec: server-server-api#get_matrixfederationv1eventeventid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema } from '../../client/schemas.ts'

export const getEvent = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/event/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ eventId: eventIdSchema }),
    spec: 'server-server#get_matrixfederationv1eventeventid',
  },
  async ({ federation }, { server, params }) => jsonText(await federation.event(server, params.eventId)),
)
