/** The newest key backup. Spec: client-server-api#get_matrixclientv3room_keysversion. */

import { endpoint } from '../../../http/index.ts'

export const getRoomKeysVersionCurrent = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/room_keys/version',
    auth: 'user',
    limit: 'keys',
    spec: 'client-server#get_matrixclientv3room_keysversion',
  },
  async ({ devices }, { caller }) => devices.requireBackup(caller.user),
)
