/** Follows a feed no longer. Spec: parallax#reputation-subscriptions. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const unsubscribe = endpoint(
  {
    method: 'DELETE',
    path: '/_parallax/reputation/v1/subscriptions/{source}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ source: Type.String({ pattern: '^[1-9][0-9]{0,8}$' }) }),
    spec: 'parallax#reputation-subscriptions',
  },
  async ({ reputation }, { caller, params }) => {
    await reputation.unsubscribe(caller.user, Number(params.source))
    return {}
  },
)
