/** Removes a lens of the user. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'
import { lensParams } from '../schemas.ts'

export const removeLens = endpoint(
  {
    method: 'DELETE',
    path: '/_parallax/reputation/v1/lenses/{name}',
    auth: 'user',
    limit: 'default',
    params: lensParams,
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }, { caller, params }) => {
    await reputation.removeLens(caller.user, params.name)
    return {}
  },
)
