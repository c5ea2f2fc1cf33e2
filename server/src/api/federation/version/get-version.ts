/** Which software this is. Spec: server-server-api#get_matrixfederationv1version. */

import { version } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'

export const getVersion = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/version',
    auth: 'any-server',
    limit: 'federation',
    spec: 'server-server#get_matrixfederationv1version',
  },
  () => ({ server: { name: 'Parallax', version: version() } }),
)
