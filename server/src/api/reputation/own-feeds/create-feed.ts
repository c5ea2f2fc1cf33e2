/** Makes a feed of the user. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { audienceSchema, descriptionSchema, readersSchema, tierSchema } from '../schemas.ts'

export const createFeed = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/feeds',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      audience: audienceSchema,
      description: descriptionSchema,
      tier: Type.Optional(tierSchema),
      readers: Type.Optional(readersSchema),
    }),
    isRefusedToSuspended: true,
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, body }) => reputation.createFeed(caller, body, body.description),
)
