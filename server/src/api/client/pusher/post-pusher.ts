/** Sets a pusher, or takes it away. Spec: client-server-api#post_matrixclientv3pushersset. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

// U+0000 is refused: not every store can hold it.
const keyText = Type.String({ pattern: '^[^\\u0000]+$' })
const key = { app_id: keyText, pushkey: keyText }
const pusher = Type.Object({
  ...key,
  kind: Type.String(),
  app_display_name: Type.String(),
  device_display_name: Type.String(),
  profile_tag: Type.Optional(Type.String()),
  lang: Type.String(),
  data: jsonObjectSchema,
  append: Type.Optional(Type.Boolean()),
})

export const postPusher = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/pushers/set',
    auth: 'user',
    limit: 'default',
    body: Type.Union([pusher, Type.Object({ ...key, kind: Type.Null() })]),
    spec: 'client-server#post_matrixclientv3pushersset',
  },
  async ({ users }, { caller, body }) => {
    if (body.kind === null) await users.removePusher(caller.user, body.app_id, body.pushkey)
    else if (caller.deviceId !== undefined) await users.setPusher(caller.user, caller.deviceId, body)
    return {}
  },
)
