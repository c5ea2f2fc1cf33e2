/** What a public feed says of itself. Spec: parallax#reputation-feeds. */

import { cachedReply, endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const getManifest = endpoint(
  {
    method: 'GET',
    path: '/_matrix/reputation/v1/feeds/{feed}/manifest',
    auth: 'none',
    limit: 'default',
    params: feedParams,
    spec: 'parallax#reputation-feeds',
  },
  async ({ reputation }, { params, headers }) =>
    cachedReply(await reputation.readManifest(params.feed), headers, reputationLimits.cacheSeconds),
)
