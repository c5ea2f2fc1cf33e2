/** Removes the lens of the server. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'

export const removeServerLens = endpoint(
  {
    method: 'DELETE',
    path: '/_parallax/reputation/v1/server/lens',
    auth: 'admin',
    limit: 'default',
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }) => {
    await reputation.removeServerLens()
    return {}
  },
)
