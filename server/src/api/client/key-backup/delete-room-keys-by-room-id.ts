/** Removes the keys of one room from the backup. Spec: client-server-api#delete_matrixclientv3room_keyskeysroomid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { backupRoomSchema } from '../account-schemas.ts'

export const deleteRoomKeysByRoomId = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/room_keys/keys/{roomId}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ roomId: backupRoomSchema }),
    query: Type.Object({ version: Type.String() }),
    spec: 'client-server#delete_matrixclientv3room_keyskeysroomid',
  },
  async ({ devices }, { caller, params, query }) => devices.removeBackupKeys(caller.user, query.version, params),
)
