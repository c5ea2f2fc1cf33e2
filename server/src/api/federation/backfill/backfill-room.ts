/** Events before others. Spec: server-server-api#get_matrixfederationv1backfillroomid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const backfillRoom = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/backfill/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({
      v: Type.Array(eventIdSchema),
      limit: Type.Integer({ minimum: 0 }),
    }),
    spec: 'server-server#get_matrixfederationv1backfillroomid',
  },
  async ({ federation }, { server, params, query }) =>
    jsonText(await federation.backfill(server, { ...params, from: query.v, limit: query.limit })),
)
