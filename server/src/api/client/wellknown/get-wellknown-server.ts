/** Where other servers find the server of a domain. Spec: server-server-api#getwell-knownmatrixserver. */

import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const getWellknownServer = endpoint(
  {
    method: 'GET',
    path: '/.well-known/matrix/server',
    auth: 'none',
    limit: 'none',
    spec: 'server-server#getwell-knownmatrixserver',
  },
  ({ config }) => {
    const { server } = config.wellKnown
    if (server === undefined) throw new MatrixError('M_NOT_FOUND', 'This domain is not delegated.')
    return { 'm.server': server }
  },
)
