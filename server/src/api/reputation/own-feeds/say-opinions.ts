/** Says opinions in a feed of the user. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams, opinionSchema } from '../schemas.ts'

export const sayOpinions = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds/{feed}/opinions',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: Type.Object({
      opinions: Type.Array(opinionSchema, { minItems: 1, maxItems: reputationLimits.opinionsMax }),
    }),
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params, body }) => reputation.sayOpinions(caller, params.feed, body.opinions),
)
