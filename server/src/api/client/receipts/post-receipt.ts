/**
 * Sets up to where the caller has read.
 * Spec: client-server-api#post_matrixclientv3roomsroomidreceiptreceipttypeeventid.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { eventIdSchema, roomIdSchema } from '../schemas.ts'

const receiptType = Type.Union([Type.Literal('m.read'), Type.Literal('m.read.private'), Type.Literal('m.fully_read')])

export const postReceipt = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/rooms/{roomId}/receipt/{receiptType}/{eventId}',
    auth: 'user',
    limit: 'default',
    params: Type.Object({ roomId: roomIdSchema, receiptType, eventId: eventIdSchema }),
    spec: 'client-server#post_matrixclientv3roomsroomidreceiptreceipttypeeventid',
    emptyBodyAllowed: true,
  },
  async ({ sync }, { caller, params, body }) => {
    const { roomId, receiptType: type, eventId } = params
    await sync.sendReceipt(caller, { roomId, type, eventId, threadId: body.thread_id })
    return {}
  },
)
