/** Schemas that many endpoints share; identifiers keep their brands. */

import type { EventId, JsonObject, RoomAlias, RoomId, UserId } from '@parallax/protocol'
import { Type } from 'typebox'

/** 255 bytes at most: longer ones cannot exist. */
const identifier = (pattern: string) => ({ pattern, maxLength: 255 })

export const roomIdSchema = Type.Unsafe<RoomId>(Type.String(identifier('^!')))
export const userIdSchema = Type.Unsafe<UserId>(Type.String(identifier('^@[^:]*:.+$')))
export const eventIdSchema = Type.Unsafe<EventId>(Type.String(identifier('^\\$')))
export const roomAliasSchema = Type.Unsafe<RoomAlias>(Type.String(identifier('^#[^:]*:.+$')))
/** A room ID or alias. */
export const targetSchema = Type.Unsafe<RoomId | RoomAlias>(Type.String(identifier('^[!#]')))
export const jsonObjectSchema = Type.Unsafe<JsonObject>(Type.Object({}))
/** Proof that a third-party invitation is the caller's. */
export const thirdPartySignedSchema = Type.Object({
  sender: Type.String(),
  mxid: Type.String(),
  token: Type.String(),
  signatures: jsonObjectSchema,
})
export const membershipSchema = Type.Union([
  Type.Literal('join'),
  Type.Literal('invite'),
  Type.Literal('leave'),
  Type.Literal('ban'),
  Type.Literal('knock'),
])
export const presenceSchema = Type.Union([Type.Literal('offline'), Type.Literal('online'), Type.Literal('unavailable')])
