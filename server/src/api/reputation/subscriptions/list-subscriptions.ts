/** Feeds that the user follows. Spec: parallax#reputation-subscriptions. */

import { endpoint } from '../../../http/index.ts'

export const listSubscriptions = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/subscriptions',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-subscriptions',
  },
  ({ reputation }, { caller }) => reputation.listSubscriptions(caller.user),
)
