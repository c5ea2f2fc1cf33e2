/** The threads of a room. Spec: client-server-api#get_matrixclientv1roomsroomidthreads. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getThreadRoots = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/rooms/{roomId}/threads',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({
      include: Type.Optional(Type.Union([Type.Literal('all'), Type.Literal('participated')])),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
      from: Type.Optional(Type.String()),
    }),
    spec: 'client-server#get_matrixclientv1roomsroomidthreads',
  },
  async ({ roomViews }, { caller, params, query: { include, limit = 20, from } }) => {
    const onlyParticipated = include === 'participated'
    return jsonText(await roomViews.threads(caller, params.roomId, { from, limit, onlyParticipated }))
  },
)
