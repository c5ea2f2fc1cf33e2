/** Keeps a lens of the user. Spec: parallax#reputation-lenses. */

import { endpoint } from '../../../http/index.ts'
import { lensParams, lensSchema } from '../schemas.ts'

export const putLens = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/lenses/{name}',
    auth: 'user',
    limit: 'default',
    params: lensParams,
    body: lensSchema,
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }, { caller, params, body }) => {
    await reputation.putLens(caller.user, params.name, body)
    return {}
  },
)
