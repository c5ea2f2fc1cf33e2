/** Looks at a followed feed now. Spec: parallax#reputation-subscriptions. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const lookNow = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/subscriptions/{source}/look',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ source: Type.String({ pattern: '^[1-9][0-9]{0,8}$' }) }),
    spec: 'parallax#reputation-subscriptions',
  },
  async ({ reputation }, { caller, params }) => {
    return reputation.lookNow(caller.user, Number(params.source))
  },
)
