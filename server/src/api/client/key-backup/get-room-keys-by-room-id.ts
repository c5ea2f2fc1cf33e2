/** Gives back the keys of one room. Spec: client-server-api#get_matrixclientv3room_keyskeysroomid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { backupRoomSchema } from '../account-schemas.ts'

export const getRoomKeysByRoomId = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/room_keys/keys/{roomId}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ roomId: backupRoomSchema }),
    query: Type.Object({ version: Type.String() }),
    spec: 'client-server#get_matrixclientv3room_keyskeysroomid',
  },
  async ({ devices }, { caller, params, query }) =>
    jsonText(await devices.findBackupKeys(caller.user, query.version, params)),
)
