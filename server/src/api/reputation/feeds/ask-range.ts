/** Rows of a public sealed feed by the first bits of their index. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { feedParams } from '../schemas.ts'

export const askRange = endpoint(
  {
    method: 'POST',
    path: '/_matrix/reputation/v1/feeds/{feed}/range',
    auth: 'none',
    limit: 'default',
    params: feedParams,
    body: Type.Object({
      bits: Type.Optional(Type.Integer({ minimum: 0, maximum: 32 })),
      prefixes: Type.Array(Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1 }), {
        maxItems: reputationLimits.prefixesMax,
      }),
    }),
    spec: 'parallax#reputation-feeds',
  },
  ({ reputation }, { params, body }) => reputation.answerRange(params.feed, body.bits, body.prefixes),
)
