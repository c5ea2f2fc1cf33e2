/** What a feed of the user holds. Spec: parallax#reputation-own-feeds. */

import { endpoint } from '../../../http/index.ts'
import { feedParams } from '../schemas.ts'

export const listOwnOpinions = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/feeds/{feed}/opinions',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params }) => reputation.listOwnOpinions(caller.user, params.feed),
)
