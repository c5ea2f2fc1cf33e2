/** What the lens of the user did in the last seven days. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'

export const showMetrics = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/metrics',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-lenses',
  },
  ({ viewpoint }, { caller }) => viewpoint.metrics(caller),
)
