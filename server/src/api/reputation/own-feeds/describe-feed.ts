/** Says anew what a feed of the user is. Spec: parallax#reputation-own-feeds. */

import { endpoint } from '../../../http/index.ts'
import { descriptionSchema, feedParams } from '../schemas.ts'

export const describeFeed = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/feeds/{feed}',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: descriptionSchema,
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  async ({ reputation }, { caller, params, body }) => {
    await reputation.describeFeed(caller, params.feed, body)
    return {}
  },
)
