/** Schemas of the endpoints for accounts, devices and keys. */

import { type DeviceId, type JsonObject, type PushRuleKind, pushRuleKinds, type RoomId } from '@parallax/protocol'
import { type Static, Type } from 'typebox'
import type { LoginRequest, RegisterRequest } from '../../users/index.ts'
import { jsonObjectSchema, roomIdSchema, userIdSchema } from './schemas.ts'

export const deviceIdSchema = Type.Unsafe<DeviceId>(Type.String({ minLength: 1, maxLength: 512 }))

/** What a client gives to authenticate itself, stage by stage. */
export const authSchema = Type.Optional(jsonObjectSchema)

/** Key backups keep rooms of any ID. */
export const backupRoomSchema = Type.Unsafe<RoomId>(Type.String({ minLength: 1, maxLength: 255 }))

export const ruleKindSchema = Type.Unsafe<PushRuleKind>(Type.Union(pushRuleKinds.map((kind) => Type.Literal(kind))))

/** Clients look for rules of kinds that only proposals know: there are none, which is no fault in the request. */
export const anyRuleKindSchema = Type.Unsafe<PushRuleKind>(Type.String())

export const pushRuleSchema = Type.Unsafe<JsonObject>(
  Type.Object({
    actions: Type.Array(Type.Unknown()),
    conditions: Type.Optional(Type.Array(Type.Object({}))),
    pattern: Type.Optional(Type.String()),
  }),
)

export const registerSchema = Type.Object({
  auth: authSchema,
  username: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  device_id: Type.Optional(Type.String()),
  initial_device_display_name: Type.Optional(Type.String()),
  inhibit_login: Type.Optional(Type.Boolean()),
  refresh_token: Type.Optional(Type.Boolean()),
})

export const loginSchema = Type.Object({
  type: Type.String(),
  identifier: Type.Optional(jsonObjectSchema),
  user: Type.Optional(Type.String()),
  password: Type.Optional(Type.String()),
  token: Type.Optional(Type.String()),
  device_id: Type.Optional(Type.String()),
  initial_device_display_name: Type.Optional(Type.String()),
  refresh_token: Type.Optional(Type.Boolean()),
})

export const crossSigningSchema = Type.Unsafe<JsonObject>(
  Type.Object({
    master_key: Type.Optional(jsonObjectSchema),
    self_signing_key: Type.Optional(jsonObjectSchema),
    user_signing_key: Type.Optional(jsonObjectSchema),
    auth: authSchema,
  }),
)

export const backupKeySchema = Type.Unsafe<JsonObject>(
  Type.Object({
    first_message_index: Type.Integer(),
    forwarded_count: Type.Integer(),
    is_verified: Type.Boolean(),
    session_data: jsonObjectSchema,
  }),
)

const strings = Type.Optional(Type.Array(Type.String()))
const userIds = Type.Optional(Type.Array(userIdSchema))
const roomIds = Type.Optional(Type.Array(roomIdSchema))
const eventFilter = {
  limit: Type.Optional(Type.Integer({ minimum: 0 })),
  senders: userIds,
  not_senders: userIds,
  types: strings,
  not_types: strings,
}
const eventFilterSchema = Type.Optional(Type.Object(eventFilter))
const roomEventFilterSchema = Type.Optional(
  Type.Object({
    ...eventFilter,
    rooms: roomIds,
    not_rooms: roomIds,
    contains_url: Type.Optional(Type.Boolean()),
    lazy_load_members: Type.Optional(Type.Boolean()),
    include_redundant_members: Type.Optional(Type.Boolean()),
    unread_thread_notifications: Type.Optional(Type.Boolean()),
  }),
)

export const filterSchema = Type.Unsafe<JsonObject>(
  Type.Object({
    event_fields: strings,
    event_format: Type.Optional(Type.Union([Type.Literal('client'), Type.Literal('federation')])),
    presence: eventFilterSchema,
    account_data: eventFilterSchema,
    room: Type.Optional(
      Type.Object({
        rooms: roomIds,
        not_rooms: roomIds,
        include_leave: Type.Optional(Type.Boolean()),
        ephemeral: roomEventFilterSchema,
        state: roomEventFilterSchema,
        timeline: roomEventFilterSchema,
        account_data: roomEventFilterSchema,
      }),
    ),
  }),
)

/** A registration as the users component takes it. */
export function registerRequest(
  { kind = 'user' }: { kind?: 'user' | 'guest' },
  body: Static<typeof registerSchema>,
  ip: string,
): RegisterRequest {
  return {
    kind,
    username: body.username,
    password: body.password,
    deviceId: body.device_id,
    deviceName: body.initial_device_display_name,
    isLoginInhibited: body.inhibit_login ?? false,
    wantsRefreshToken: body.refresh_token ?? false,
    auth: body.auth,
    ip,
  }
}

/** A login as the users component takes it. */
export function loginRequest(body: Static<typeof loginSchema>, ip: string): LoginRequest {
  return {
    type: body.type,
    identifier: body.identifier,
    user: body.user,
    password: body.password,
    token: body.token,
    deviceId: body.device_id,
    deviceName: body.initial_device_display_name,
    wantsRefreshToken: body.refresh_token ?? false,
    ip,
  }
}
