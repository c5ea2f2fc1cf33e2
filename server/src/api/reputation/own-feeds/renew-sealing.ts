/** A new epoch of a sealed feed of the user: everything with other keys. Spec: parallax#reputation-own-feeds. */

import { endpoint } from '../../../http/index.ts'
import { feedParams } from '../schemas.ts'

export const renewSealing = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds/{feed}/epoch',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params }) => reputation.renewSealing(caller, params.feed),
)
