/** Shows again, or hides, by an own rule in the chosen lens. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const setRule = endpoint(
  {
    method: 'PUT',
    path: '/_parallax/reputation/v1/rules',
    auth: 'user',
    limit: 'default',
    body: Type.Object({
      kind: Type.String(),
      entity: Type.String(),
      value: Type.Union([Type.Literal('block'), Type.Literal('allow'), Type.Null()]),
    }),
    spec: 'parallax#reputation-lenses',
  },
  async ({ reputation }, { caller, body }) => {
    await reputation.setRule(caller.user, body)
    return {}
  },
)
