/** The profile of one of our users. Spec: server-server-api#get_matrixfederationv1queryprofile. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../../client/schemas.ts'

export const queryProfile = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/query/profile',
    auth: 'server',
    limit: 'federation',
    query: Type.Object({ user_id: userIdSchema, field: Type.Optional(Type.String()) }),
    spec: 'server-server#get_matrixfederationv1queryprofile',
  },
  ({ accounts }, { query }) => accounts.requireOwnProfile(query.user_id, query.field),
)
