/** The lenses of the user, and which one is chosen. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'

export const listLenses = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/lenses',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-lenses',
  },
  ({ reputation }, { caller }) => reputation.listLenses(caller.user),
)
