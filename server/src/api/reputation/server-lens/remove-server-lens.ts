/** Removes the lens of the server. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reasonSchema } from '../schemas.ts'

export const removeServerLens = endpoint(
  {
    method: 'DELETE',
    path: '/_parallax/reputation/v1/server/lens',
    auth: 'admin',
    limit: 'default',
    query: Type.Object({ reason: reasonSchema }),
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }, { caller, query }) => {
    await reputation.removeServerLens(caller.user, query.reason)
    return {}
  },
)
