/** Makes a room. Spec: client-server-api#post_matrixclientv3createroom. */

import { Type } from 'typebox'
import { endpoint } from '../../../http/index.ts'
import { jsonObjectSchema } from '../schemas.ts'

const createRoomBody = Type.Object({
  visibility: Type.Optional(Type.Union([Type.Literal('public'), Type.Literal('private')])),
  room_alias_name: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  topic: Type.Optional(Type.String()),
  invite: Type.Optional(Type.Array(Type.String())),
  invite_3pid: Type.Optional(Type.Array(Type.Unknown())),
  room_version: Type.Optional(Type.String()),
  creation_content: Type.Optional(jsonObjectSchema),
  initial_state: Type.Optional(
    Type.Array(
      Type.Object({ type: Type.String(), state_key: Type.Optional(Type.String()), content: jsonObjectSchema }),
    ),
  ),
  preset: Type.Optional(
    Type.Union([Type.Literal('private_chat'), Type.Literal('trusted_private_chat'), Type.Literal('public_chat')]),
  ),
  is_direct: Type.Optional(Type.Boolean()),
  power_level_content_override: Type.Optional(jsonObjectSchema),
})

export const createRoom = endpoint(
  {
    method: 'POST',
    path: '/_matrix/client/v3/createRoom',
    auth: 'user',
    limit: 'default',
    isRefusedToSuspended: true,
    body: createRoomBody,
    spec: 'client-server#post_matrixclientv3createroom',
  },
  async ({ flows }, { caller, body }) => ({ room_id: await flows.createRoom(caller, body) }),
)
