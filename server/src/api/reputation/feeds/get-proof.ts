/** Shows that an older head of a public feed lies in the one of now. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { cachedReply, endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const getProof = endpoint(
  {
    method: 'GET',
    path: '/_matrix/reputation/v1/feeds/{feed}/proof',
    auth: 'none',
    limit: 'default',
    params: feedParams,
    query: Type.Object({ older: Type.Integer({ minimum: 1 }) }),
    spec: 'parallax#reputation-feeds',
  },
  async ({ reputation }, { params, query, headers }) =>
    cachedReply(await reputation.readProof(params.feed, query.older), headers, reputationLimits.cacheSeconds),
)
