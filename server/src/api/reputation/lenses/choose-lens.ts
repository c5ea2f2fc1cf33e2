/** Looks through another lens, or through none, for good or for a while. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { reputationLimits } from '../../../reputation/index.ts'
import { lensNameSchema } from '../schemas.ts'

export const chooseLens = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/lens',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      name: Type.Union([lensNameSchema, Type.Null()]),
      for_ms: Type.Optional(Type.Integer({ minimum: reputationLimits.tryMsMin, maximum: reputationLimits.tryMsMax })),
    }),
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }, { caller, body }) => {
    await reputation.chooseLens(caller.user, body.name, body.for_ms)
    return {}
  },
)
