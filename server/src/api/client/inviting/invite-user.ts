/**
 * Invites a user, or somebody of whom an address is known.
 * Spec: client-server-api#post_matrixclientv3roomsroomidinvite,
 * client-server-api#thirdparty_post_matrixclientv3roomsroomidinvite.
 */

import { Type } from 'typebox'
import { MatrixError } from '../../../base/index.ts'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema, userIdSchema } from '../schemas.ts'

export const inviteUser = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/invite',
    auth: 'user',
    limit: 'invite',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema }),
    body: Type.Object({
      user_id: Type.Optional(userIdSchema),
      reason: Type.Optional(Type.String()),
      id_server: Type.Optional(Type.String()),
      id_access_token: Type.Optional(Type.String()),
      medium: Type.Optional(Type.String()),
      address: Type.Optional(Type.String({ maxLength: 1_000 })),
    }),
    spec: 'client-server#post_matrixclientv3roomsroomidinvite',
  },
  async ({ flows }, { caller, params, body }) => {
    const { user_id: target, reason, id_server, id_access_token = '', medium, address } = body
    if (target !== undefined) await flows.invite(caller, params.roomId, target, reason)
    else if (id_server === undefined || medium === undefined || address === undefined) {
      throw new MatrixError('M_MISSING_PARAM', 'Missing: user_id, or id_server, medium and address.')
    } else {
      const more = reason === undefined ? {} : { reason }
      await flows.inviteByAddress(caller, params.roomId, { id_server, id_access_token, medium, address }, more)
    }
    return {}
  },
)
