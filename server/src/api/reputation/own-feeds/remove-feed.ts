/** Removes a feed of the user. Spec: parallax#reputation-own-feeds. */

import { endpoint } from '../../../http/index.ts'
import { feedParams } from '../schemas.ts'

export const removeFeed = endpoint(
  {
    method: 'DELETE',
    path: '/_parallax/reputation/v1/feeds/{feed}',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    spec: 'parallax#reputation-own-feeds',
  },
  async ({ reputation }, { caller, params }) => {
    await reputation.removeFeed(caller, params.feed)
    return {}
  },
)
