/** Why a placeholder is there. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const explainVerdict = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/explanations/{id}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ id: Type.String({ pattern: '^[A-Za-z0-9_-]{1,2000}$' }) }),
    spec: 'parallax#reputation-lenses',
  },
  ({ viewpoint }, { caller, params }) => viewpoint.explainVerdict(caller, params.id),
)
