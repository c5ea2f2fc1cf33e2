/**
 * Sends a message event, once for each transaction ID. Spec:
 * client-server-api#put_matrixclientv3roomsroomidsendeventtypetxnid.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { roomIdSchema } from '../schemas.ts'

export const sendMessage = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}',
    auth: 'user-or-guest',
    limit: 'send',
    isRefusedToSuspended: true,
    params: Type.Object({ roomId: roomIdSchema, eventType: Type.String(), txnId: Type.String() }),
    spec: 'client-server#put_matrixclientv3roomsroomidsendeventtypetxnid',
  },
  async ({ flows }, { caller, params, body }) => {
    const { roomId, eventType: type, txnId: transactionId } = params
    const sent = await flows.send(caller, { roomId, type, content: body, transactionId })
    return { event_id: sent.eventId }
  },
)
