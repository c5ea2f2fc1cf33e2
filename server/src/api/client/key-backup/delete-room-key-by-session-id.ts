/**
 * Removes the key of one session from the backup.
 * Spec: client-server-api#delete_matrixclientv3room_keyskeysroomidsessionid.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { backupRoomSchema } from '../account-schemas.ts'

export const deleteRoomKeyBySessionId = endpoint(
  {
    method: 'DELETE',
    path: '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ roomId: backupRoomSchema, sessionId: Type.String() }),
    query: Type.Object({ version: Type.String() }),
    spec: 'client-server#delete_matrixclientv3room_keyskeysroomidsessionid',
  },
  async ({ devices }, { caller, params, query }) => devices.removeBackupKeys(caller.user, query.version, params),
)
