/** Who may read a narrow feed of the user from now on. Spec: parallax#reputation-own-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { feedParams, readersSchema } from '../schemas.ts'

export const setReaders = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/feeds/{feed}/readers',
    auth: 'user',
    limit: 'default',
    params: feedParams,
    body: Type.Object({ readers: readersSchema }),
    spec: 'parallax#reputation-own-feeds',
  },
  ({ reputation }, { caller, params, body }) => reputation.setReaders(caller, params.feed, body.readers),
)
