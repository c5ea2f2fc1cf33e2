/** Waits until one of some public feeds says more. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'

export const waitForNews = endpoint(
  {
    method: 'POST',
    path: '/_matrix/reputation/v1/news',
    auth: 'none',
    limit: 'default',
    body: Type.Object({
      feeds: Type.Record(Type.String({ pattern: '^[A-Za-z0-9._~-]{1,128}$' }), Type.Integer({ minimum: 0 }), {
        maxProperties: reputationLimits.newsFeedsMax,
      }),
      timeout_ms: Type.Optional(Type.Integer({ minimum: 0 })),
    }),
    spec: 'parallax#reputation-feeds',
  },
  ({ reputation }, { body, signal }) => reputation.waitForNews(body.feeds, body.timeout_ms ?? 0, signal),
)
