/**
 * Sends messages to devices, once for each transaction ID.
 * Spec: client-server-api#put_matrixclientv3sendtodeviceeventtypetxnid.
 */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

export const sendToDevice = endpoint(
  {
    method: 'PUT',
    path: '/_matrix/client/v3/sendToDevice/{eventType}/{txnId}',
    auth: 'user-or-guest',
    limit: 'send',
    params: Type.Object({ eventType: Type.String(), txnId: Type.String() }),
    body: Type.Object({ messages: jsonObjectSchema }),
    spec: 'client-server#put_matrixclientv3sendtodeviceeventtypetxnid',
  },
  async ({ devices }, { caller, params, body }) => {
    await devices.sendToDevice(caller, params.eventType, params.txnId, body.messages)
    return {}
  },
)
