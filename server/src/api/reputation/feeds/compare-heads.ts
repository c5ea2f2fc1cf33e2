/** How far two servers know the feeds that both follow. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'

export const compareHeads = endpoint(
  {
    method: 'POST',
    path: '/_matrix/reputation/v1/heads',
    auth: 'server',
    limit: 'federation',
    body: Type.Object({
      heads: Type.Record(Type.String({ maxLength: 43 }), Type.Any(), {
        maxProperties: reputationLimits.headsMax,
      }),
    }),
    spec: 'parallax#reputation-feeds',
  },
  ({ reputation }, { body }) => reputation.compareHeads(body.heads),
)
