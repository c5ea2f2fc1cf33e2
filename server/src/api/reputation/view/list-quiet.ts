/** Invitations that the lens keeps aside. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'

export const listQuiet = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/quiet',
    auth: 'user',
    limit: 'default',
    spec: 'parallax#reputation-lenses',
  },
  ({ viewpoint }, { caller }) => viewpoint.quiet(caller),
)
