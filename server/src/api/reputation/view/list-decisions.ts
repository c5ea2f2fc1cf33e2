/** What the lens of the user decided in the last seven days. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'

export const listDecisions = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/decisions',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-lenses',
  },
  ({ viewpoint }, { caller }) => viewpoint.decisions(caller),
)
