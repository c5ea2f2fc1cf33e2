/** A narrow feed, for the servers of its named readers. Spec: parallax#reputation-feeds. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { feedParams, readersSchema } from '../schemas.ts'

export const readAsMembers = endpoint(
  {
    method: 'POST',
    path: '/_matrix/reputation/v1/feeds/{feed}/members',
    auth: 'server',
    limit: 'federation',
    params: feedParams,
    body: Type.Object({ readers: readersSchema, since: Type.Integer({ minimum: 0 }) }),
    spec: 'parallax#reputation-feeds',
  },
  ({ reputation }, { params, body, server }) =>
    reputation.readAsMembers(params.feed, server.origin, body.readers, body.since),
)
