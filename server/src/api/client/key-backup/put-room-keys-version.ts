/** Changes what proves a key backup. Spec: client-server-api#put_matrixclientv3room_keysversionversion. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const putRoomKeysVersion = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/room_keys/version/{version}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ version: Type.String() }),
    body: Type.Object({ algorithm: Type.String(), auth_data: jsonObjectSchema, version: Type.Optional(Type.String()) }),
    spec: 'client-server#put_matrixclientv3room_keysversionversion',
  },
  async ({ devices }, { caller, params, body }) => {
    await devices.updateBackup(caller.user, params.version, body)
    return {}
  },
)
