/** Whose devices changed between two sync tokens. Spec: client-server-api#get_matrixclientv3keyschanges. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const getKeysChanges = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/keys/changes',
    auth: 'user',
    limit: 'keys',
    query: Type.Object({ from: Type.String(), to: Type.String() }),
    spec: 'client-server#get_matrixclientv3keyschanges',
  },
  async ({ sync }, { caller, query }) => sync.listDeviceListChanges(caller, query.from, query.to),
)
