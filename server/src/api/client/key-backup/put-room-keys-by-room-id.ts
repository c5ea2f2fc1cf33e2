/** Backs up the keys of one room. Spec: client-server-api#put_matrixclientv3room_keyskeysroomid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { backupRoomSchema } from '../account-schemas.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const putRoomKeysByRoomId = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/room_keys/keys/{roomId}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ roomId: backupRoomSchema }),
    query: Type.Object({ version: Type.String() }),
    body: Type.Object({ sessions: jsonObjectSchema }),
    spec: 'client-server#put_matrixclientv3room_keyskeysroomid',
  },
  async ({ devices }, { caller, params, query, body }) =>
    devices.putBackupKeys(caller.user, query.version, { [params.roomId]: body }),
)
