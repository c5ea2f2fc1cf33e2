/** Begins a key backup. Spec: client-server-api#post_matrixclientv3room_keysversion. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const postRoomKeysVersion = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/room_keys/version',
    auth: 'user',
    limit: 'keys',
    body: Type.Object({ algorithm: Type.String(), auth_data: jsonObjectSchema }),
    spec: 'client-server#post_matrixclientv3room_keysversion',
  },
  async ({ devices }, { caller, body }) => ({ version: await devices.createBackup(caller.user, body) }),
)
