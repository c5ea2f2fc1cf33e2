/** Follows a feed of another server. Spec: parallax#reputation-subscriptions. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const subscribe = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/subscriptions',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      address: Type.String(),
      key: Type.Optional(Type.String()),
      manner: Type.Optional(Type.Union([Type.Literal('copy'), Type.Literal('range'), Type.Literal('members')])),
    }),
    spec: 'parallax#reputation-subscriptions',
  },
  ({ reputation }, { caller, body }) => {
    return reputation.subscribe(caller.user, body.address, body.key, body.manner)
  },
)
