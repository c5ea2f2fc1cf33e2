/** What users reported, newest first, for admins. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'

export const listReports = endpoint(
  {
    method: 'GET',
    path: '/_parallax/admin/v1/reports',
    auth: 'admin',
    limit: 'default',
    query: Type.Object({
      below: Type.Optional(Type.Integer({ minimum: 0 })),
      limit: Type.Optional(Type.Integer({ minimum: 1 })),
    }),
    spec: 'parallax#reports',
  },
  ({ moderation }, { query }) => moderation.listReports(query.below, query.limit),
)
