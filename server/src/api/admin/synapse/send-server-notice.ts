/** A message of this server to one of its users, as Synapse's tools send it. Spec: parallax#server-notices. */

import { Type } from 'typebox'
import { type Components, endpoint } from '../../../http/index.ts'
import { userIdSchema } from '../../client/schemas.ts'

const body = Type.Object({
  user_id: userIdSchema,
  content: Type.Record(Type.String(), Type.Any()),
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 255 })),
  state_key: Type.Optional(Type.String({ maxLength: 255 })),
})

export const sendServerNotice = endpoint(
  {
    method: 'POST',
    path: '/_synapse/admin/v1/send_server_notice',
    auth: 'admin',
    limit: 'default',
    body,
    spec: 'parallax#server-notices',
  },
  ({ flows }, call) => send(flows, call),
)

/** A repeat with the same transaction ID answers the same event. */
export const sendServerNoticeOnce = endpoint(
  {
    method: 'PUT',
    path: '/_synapse/admin/v1/send_server_notice/{txnId}',
    auth: 'admin',
    limit: 'default',
    params: Type.Object({ txnId: Type.String() }),
    body,
    spec: 'parallax#server-notices',
  },
  ({ flows }, call) => send(flows, call, call.params.txnId),
)

type Call = {
  readonly caller: Parameters<Components['flows']['sendNotice']>[0]
  readonly body: Type.Static<typeof body>
}

async function send(flows: Components['flows'], { caller, body }: Call, transactionId?: string) {
  const { user_id: userId, type = 'm.room.message', state_key: stateKey, content } = body
  return { event_id: await flows.sendNotice(caller, { userId, type, stateKey, content, transactionId }) }
}
