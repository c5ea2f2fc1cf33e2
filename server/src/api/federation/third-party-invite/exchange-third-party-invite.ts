/**
 * An invite by e-mail that was taken up by a user of the other server. Spec:
 * server-server-api#put_matrixfederationv1exchange_third_party_inviteroomid.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../../client/schemas.ts'

export const exchangeThirdPartyInvite = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/federation/v1/exchange_third_party_invite/{roomId}',
    auth: 'server',
    limit: 'federation',
    params: Type.Object({ roomId: roomIdSchema }),
    spec: 'server-server#put_matrixfederationv1exchange_third_party_inviteroomid',
  },
  async ({ federation }, { server, params, body }) => {
    await federation.exchangeInvite(server, params.roomId, body)
    return {}
  },
)
