/** Removes a key backup. Spec: client-server-api#delete_matrixclientv3room_keysversionversion. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const deleteRoomKeysVersion = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/room_keys/version/{version}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ version: Type.String() }),
    spec: 'client-server#delete_matrixclientv3room_keysversionversion',
  },
  async ({ devices }, { caller, params }) => {
    await devices.removeBackup(caller.user, params.version)
    return {}
  },
)
