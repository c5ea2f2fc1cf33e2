/** The lens of the server. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'

export const findServerLens = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/server/lens',
    auth: 'admin',
    limit: 'default',
    spec: 'parallax#reputation-lenses',
  },
  ({ reputation }) => reputation.findServerLens(),
)
