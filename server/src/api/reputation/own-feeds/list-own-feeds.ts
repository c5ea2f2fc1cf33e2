/** The feeds of the user. Spec: parallax#reputation-own-feeds. */

import { endpoint } from '../../../http/index.ts'

export const listOwnFeeds = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/feeds',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller }) => reputation.listOwnFeeds(caller.user),
)
