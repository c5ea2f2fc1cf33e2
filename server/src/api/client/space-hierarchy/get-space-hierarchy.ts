/** The tree of a space. Spec: client-server-api#get_matrixclientv1roomsroomidhierarchy. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const getSpaceHierarchy = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/rooms/{roomId}/hierarchy',
    auth: 'user-or-guest',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema }),
    query: Type.Object({
      suggested_only: Type.Optional(Type.Boolean()),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
      max_depth: Type.Optional(Type.Integer({ minimum: 0 })),
      from: Type.Optional(Type.String()),
    }),
    spec: 'client-server#get_matrixclientv1roomsroomidhierarchy',
  },
  ({ flows }, { caller, params: { roomId }, query }) => {
    const { suggested_only: suggestedOnly = false, limit, max_depth: maxDepth, from } = query
    return flows.listHierarchy(caller, { roomId, suggestedOnly, limit, maxDepth, from })
  },
)
