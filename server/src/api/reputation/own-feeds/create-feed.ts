/** Makes a feed of the user. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { audienceSchema, descriptionSchema } from '../schemas.ts'

export const createFeed = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds',
    auth: 'user',
    limit: 'default',
    body: Type.Object({ audience: audienceSchema, description: descriptionSchema }),
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, body }) => reputation.createFeed(caller, body.audience, body.description),
)
