/** Gives back keys of sessions. Spec: client-server-api#get_matrixclientv3room_keyskeys. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'

export const getRoomKeys = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/room_keys/keys',
    auth: 'user',
    limit: 'keys',
    query: Type.Object({ version: Type.String() }),
    spec: 'client-server#get_matrixclientv3room_keyskeys',
  },
  async ({ devices }, { caller, query }) => jsonText(await devices.findBackupKeys(caller.user, query.version, {})),
)
