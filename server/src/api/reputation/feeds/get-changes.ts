/** Batches of a public feed after a number. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { cachedReply, endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const getChanges = endpoint(
  {
    method: 'GET',
    path: '/_matrix/reputation/v1/feeds/{feed}/changes',
    auth: 'none',
    limit: 'default',
    params: feedParams,
    query: Type.Object({
      since: Type.Integer({ minimum: 0 }),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
    spec: 'parallax#reputation-feeds',
  },
  async ({ reputation }, { params, query, headers }) => {
    const changes = await reputation.readChanges(params.feed, query.since, query.limit)
    return cachedReply(changes, headers, reputationLimits.cacheSeconds)
  },
)
