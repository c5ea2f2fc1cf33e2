/** How something that the user names looks through a lens, and why. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { lensNameSchema } from '../schemas.ts'

export const explain = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/explain',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      kind: Type.String(),
      entity: Type.String(),
      context: Type.String(),
      lens: Type.Optional(lensNameSchema),
    }),
    spec: 'parallax#reputation-lenses',
  },
  ({ viewpoint }, { caller, body }) => viewpoint.explain(caller, body),
)
