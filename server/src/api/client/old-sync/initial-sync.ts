/** All rooms as they are now; deprecated. Spec: client-server-api#get_matrixclientv3initialsync. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

const limitDefault = 10
const limitMax = 100

export const initialSync = endpoint(
  {
    method: 'GET',
    path: '/_matrix/client/v3/initialSync',
    auth: 'user',
    limit: 'sync',
    query: Type.Object({
      limit: Type.Optional(Type.Integer({ minimum: 0 })),
      archived: Type.Optional(Type.Boolean()),
    }),
    spec: 'client-server#get_matrixclientv3initialsync',
  },
  ({ oldSync }, { caller, query }) => {
    const { limit = limitDefault, archived: isArchivedWanted = false } = query
    return oldSync.all(caller, { limit: Math.min(limit, limitMax), isArchivedWanted })
  },
)
