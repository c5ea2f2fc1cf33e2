/** A template of a leave. Spec: server-server-api#get_matrixfederationv1make_leaveroomiduserid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../../client/schemas.ts'

export const makeLeave = endpoint(
  {
    method: 'GET',
    path: '/_matrix/federation/v1/make_leave/{roomId}/{userId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, userId: userIdSchema }),
    spec: 'server-server#get_matrixfederationv1make_leaveroomiduserid',
  },
  ({ federation }, { server, params }) => federation.makeMember(server, 'leave', { ...params, versions: [] }),
)
