/** Backs up keys of sessions. Spec: client-server-api#put_matrixclientv3room_keyskeys. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const putRoomKeys = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/room_keys/keys',
    auth: 'user',
    limit: 'keys',
    query: Type.Object({ version: Type.String() }),
    body: Type.Object({ rooms: jsonObjectSchema }),
    spec: 'client-server#put_matrixclientv3room_keyskeys',
  },
  async ({ devices }, { caller, query, body }) => devices.putBackupKeys(caller.user, query.version, body.rooms),
)
