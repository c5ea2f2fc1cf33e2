/** All that a public feed holds, signed. Spec: parallax#reputation-feeds. */

import { cachedReply, endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const getSnapshot = endpoint(
  {
    method: 'GET',
    path: '/_matrix/reputation/v1/feeds/{feed}/snapshot',
    auth: 'none',
    limit: 'default',
    params: feedParams,
    spec: 'parallax#reputation-feeds',
  },
  async ({ reputation }, { params, headers }) =>
    cachedReply(await reputation.readSnapshot(params.feed), headers, reputationLimits.cacheSeconds),
)
