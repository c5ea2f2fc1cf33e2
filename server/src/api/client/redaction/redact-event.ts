/** Redacts an event. Spec: client-server-api#put_matrixclientv3roomsroomidredacteventidtxnid. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

export const redactEvent = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/rooms/{roomId}/redact/{eventId}/{txnId}',
    auth: 'user',
    limit: 'send',
    params: Type.Object({ roomId: roomIdSchema, eventId: eventIdSchema, txnId: Type.String() }),
    body: Type.Object({ reason: Type.Optional(Type.String()) }),
    spec: 'client-server#put_matrixclientv3roomsroomidredacteventidtxnid',
    emptyBodyAllowed: true,
  },
  async ({ flows }, { caller, params, body }) => {
    const { roomId, eventId, txnId: transactionId } = params
    const sent = await flows.redact(caller, { roomId, eventId, transactionId, reason: body.reason })
    return { event_id: sent.eventId }
  },
)
