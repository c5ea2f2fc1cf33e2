/** Rooms that the caller shares with another user. Spec: client-server-api#get_matrixclientv1mutual_rooms. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const getMutualRooms = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v1/mutual_rooms',
    auth: 'user',
    limit: 'default',
    query: Type.Object({ user_id: Type.String(), from: Type.Optional(Type.String()) }),
    spec: 'client-server#get_matrixclientv1mutual_rooms',
  },
  ({ flows }, { caller, query }) => flows.mutualRooms(caller, query.user_id, query.from),
)
