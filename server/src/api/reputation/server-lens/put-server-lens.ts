/** Keeps the lens of the server. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { lensSchema, reasonSchema } from '../schemas.ts'

export const putServerLens = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/server/lens',
    auth: 'admin',
    limit: 'default',
    body: Type.Object({ lens: lensSchema, reason: reasonSchema }),
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }, { caller, body }) => {
    await reputation.putServerLens(caller.user, body.lens, body.reason)
    return {}
  },
)
