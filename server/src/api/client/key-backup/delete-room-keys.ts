/** Removes keys of sessions from the backup. Spec: client-server-api#delete_matrixclientv3room_keyskeys. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const deleteRoomKeys = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/room_keys/keys',
    auth: 'user',
    limit: 'keys',
    query: Type.Object({ version: Type.String() }),
    spec: 'client-server#delete_matrixclientv3room_keyskeys',
  },
  async ({ devices }, { caller, query }) => devices.removeBackupKeys(caller.user, query.version, {}),
)
