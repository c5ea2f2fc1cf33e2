/** Gives back the key of one session. Spec: client-server-api#get_matrixclientv3room_keyskeysroomidsessionid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { backupRoomSchema } from '../account-schemas.ts'

export const getRoomKeyBySessionId = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/room_keys/keys/{roomId}/{sessionId}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ roomId: backupRoomSchema, sessionId: Type.String() }),
    query: Type.Object({ version: Type.String() }),
    spec: 'client-server#get_matrixclientv3room_keyskeysroomidsessionid',
  },
  async ({ devices }, { caller, params, query }) =>
    jsonText(await devices.findBackupKeys(caller.user, query.version, params)),
)
