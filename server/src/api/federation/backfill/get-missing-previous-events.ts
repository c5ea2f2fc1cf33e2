/** Events between others. Spec: server-server-api#post_matrixfederationv1get_missing_eventsroomid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const getMissingPreviousEvents = endpoint(
  {
    method: 'POST',
    path: '/_matrix/federation/v1/get_missing_events/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({
      earliest_events: Type.Array(eventIdSchema),
      latest_events: Type.Array(eventIdSchema),
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      min_depth: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
    spec: 'server-server#post_matrixfederationv1get_missing_eventsroomid',
  },
  async ({ federation }, { server, params, body }) =>
    jsonText(
      await federation.missingEvents(server, {
        ...params,
        earliest: body.earliest_events,
        latest: body.latest_events,
        limit: body.limit ?? 10,
        minDepth: body.min_depth ?? 0,
      }),
    ),
)
