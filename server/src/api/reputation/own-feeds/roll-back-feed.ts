/** Brings a feed of the user back to what it was. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { feedParams } from '../schemas.ts'

export const rollBackFeed = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds/{feed}/roll-back',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: Type.Object({ seq: Type.Integer({ minimum: 0 }) }),
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params, body }) => reputation.rollBack(caller, params.feed, body.seq),
)
