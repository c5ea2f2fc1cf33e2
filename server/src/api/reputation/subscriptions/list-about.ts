/** Which followed feeds say something of the asking user. Spec: parallax#reputation-subscriptions. */

import { endpoint } from '../../../http/index.ts'

export const listAbout = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/about-me',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-subscriptions',
  },
  ({ reputation }, { caller }) => reputation.listAbout(caller.userId),
)
