/** The rooms that the caller is joined to. Spec: client-server-api#get_matrixclientv3joined_rooms. */

import { endpoint } from '../../../http/index.ts'

export const getJoinedRooms = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/joined_rooms',
    auth: 'user',
    limit: 'default',
    spec: 'client-server#get_matrixclientv3joined_rooms',
  },
  async ({ flows }, { caller }) => flows.joinedRooms(caller),
)
