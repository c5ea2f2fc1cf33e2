/** Who changed the lens of the server, how and why. Spec: parallax#reputation-lenses. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const listServerLog = endpoint(
  {
    method: 'GET',
    path: '/_parallax/reputation/v1/server/log',
    auth: 'admin',
    limit: 'default',
    query: Type.Object({ below: Type.Optional(Type.Integer({ minimum: 0 })) }),
    spec: 'parallax#reputation-lenses',
  },
  ({ reputation }, { query }) => reputation.listServerLog(query.below),
)
