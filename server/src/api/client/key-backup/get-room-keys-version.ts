/** A key backup. Spec: client-server-api#get_matrixclientv3room_keysversionversion. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const getRoomKeysVersion = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/room_keys/version/{version}',
    auth: 'user',
    limit: 'keys',
    params: Type.Object({ version: Type.String() }),
    spec: 'client-server#get_matrixclientv3room_keysversionversion',
  },
  async ({ devices }, { caller, params }) => devices.requireBackup(caller.user, params.version),
)
