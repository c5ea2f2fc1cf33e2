/** Public feeds of this server. Spec: parallax#reputation-feeds. */

import { endpoint } from '../../../http/index.ts'

export const listFeeds = endpoint(
  {
    method: 'GET',
    path: '/.well-known/matrix/reputation',
    auth: 'none',
    limit: 'default',
    spec: 'parallax#reputation-feeds',
  },
  ({ reputation }) => reputation.listPublicFeeds(),
)
