/** What another lens would change, before it is kept. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { lensSchema } from '../schemas.ts'

export const previewLens = endpoint(
  {
    method: 'POST',
    path: '/_parallax/reputation/v1/preview',
    auth: 'user',
    limit: 'default',
    body: Type.Object({ lens: lensSchema }),
    spec: 'parallax#reputation-lenses',
  },
  ({ viewpoint }, { caller, body }) => viewpoint.preview(caller, body.lens),
)
