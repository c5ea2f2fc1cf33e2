/** Backs up the key of one session. Spec: client-server-api#put_matrixclientv3room_keyskeysroomidsessionid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { backupKeySchema, backupRoomSchema } from '../account-schemas.ts'

export const putRoomKeyBySessionId = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ roomId: backupRoomSchema, sessionId: Type.String() }),
    query: Type.Object({ version: Type.String() }),
    body: backupKeySchema,
    spec: 'client-server#put_matrixclientv3room_keyskeysroomidsessionid',
  },
  async ({ devices }, { caller, params, query, body }) =>
    devices.putBackupKeys(caller.user, query.version, { [params.roomId]: { sessions: { [params.sessionId]: body } } }),
)
