/** A join by way of us. Spec: server-server-api#put_matrixfederationv2send_joinroomideventid. */

import { Type } from 'typebox'
import { endpoint, jsonText } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../../client/schemas.ts'

export const sendJoinV2 = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v2/send_join/{roomId}/{eventId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema }),
    query: Type.Object({ omit_members: Type.Optional(Type.Boolean()) }),
    spec: 'server-server#put_matrixfederationv2send_joinroomideventid',
  },
  async ({ federation }, { server, params, query, body }) => {
    const question = { ...params, event: body, omitMembers: query.omit_members === true }
    return jsonText(await federation.takeJoin(server, question))
  },
)
