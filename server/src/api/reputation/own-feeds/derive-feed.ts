/** Publishes a lens: a feed of the user is derived from the feeds of it. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { feedParams, lensNameSchema } from '../schemas.ts'

export const deriveFeed = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/feeds/{feed}/lens',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: Type.Object({ name: Type.Union([lensNameSchema, Type.Null()]) }),
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params, body }) => reputation.deriveFeed(caller, params.feed, body.name),
)
