/** The event nearest to a time. Spec: server-server-api#get_matrixfederationv1timestamp_to_eventroomid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../../client/schemas.ts'

export const getEventByTimestamp = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/timestamp_to_event/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({ ts: Type.Integer({ minimum: 0 }), dir: Type.Union([Type.Literal('f'), Type.Literal('b')]) }),
    spec: 'server-server#get_matrixfederationv1timestamp_to_eventroomid',
  },
  ({ federation }, { server, params, query }) =>
    federation.eventAtTime(server, { ...params, ts: query.ts, direction: query.dir }),
)
