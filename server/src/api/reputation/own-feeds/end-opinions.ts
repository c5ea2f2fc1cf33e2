/** Takes opinions of a feed of the user back. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const endOpinions = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds/{feed}/end',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: Type.Object({
      ids: Type.Array(Type.String({ maxLength: 43 }), { minItems: 1, maxItems: reputationLimits.opinionsMax }),
      forget: Type.Optional(Type.Boolean()),
    }),
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params, body }) =>
    reputation.endOpinions(caller, params.feed, body.ids, body.forget ?? false),
)
