/** Reading of fields of EDUs; each throws `bad-edu` if the field is not what it should be. */

import { ProtocolError } from '../errors.ts'
import type { RoomId, ServerName, UserId } from '../ids.ts'
import { isJsonObject, type JsonObject } from '../json/json.ts'
import { isDomainRoomId, isHashRoomId, isUserIdText, serverNameOf } from '../parse-ids.ts'
import { fitsBytes } from '../utf8-length.ts'

/** The user ID of a field; it must belong to `origin`. */
export function requireOwnUser(content: JsonObject, key: string, origin: ServerName): UserId {
  const userId = content[key]
  if (!isUserOf(userId, origin)) failEdu(`${key}: not a user ID of ${origin}`)
  return userId
}

/** True for the ID of a user of that server. */
export function isUserOf(value: unknown, origin: ServerName): value is UserId {
  return typeof value === 'string' && isUserIdText(value) && serverNameOf(value) === origin
}

/** True for a room ID of any version. */
export function isRoomIdValue(value: unknown): value is RoomId {
  return typeof value === 'string' && (isHashRoomId(value) || isDomainRoomId(value))
}

/** The text of a field, which must be there and not longer than `bytesMax` in UTF-8. */
export function requireText(content: JsonObject, key: string, bytesMax: number): string {
  const text = findText(content, key, bytesMax)
  if (text === undefined) failEdu(`${key}: not a string`)
  return text
}

/** The text of a field; undefined: absent or null. */
export function findText(content: JsonObject, key: string, bytesMax: number): string | undefined {
  const text = content[key]
  if (text === undefined || text === null) return undefined
  if (typeof text !== 'string') failEdu(`${key}: not a string`)
  if (!fitsBytes(text, bytesMax)) failEdu(`${key}: longer than ${bytesMax} bytes`)
  return text
}

/** The integer of a field, at least zero. */
export function requireCount(content: JsonObject, key: string): number {
  const count = content[key]
  if (!isCount(count)) failEdu(`${key}: not an integer of at least zero`)
  return count
}

/** True for an integer of at least zero, in range. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** The object of a field. */
export function requireObject(content: JsonObject, key: string): JsonObject {
  const object = content[key]
  return isJsonObject(object) ? object : failEdu(`${key}: not an object`)
}

/** The object of a field; undefined: absent or no object. */
export function findObject(content: JsonObject, key: string): JsonObject | undefined {
  const object = content[key]
  return isJsonObject(object) ? object : undefined
}

/** Throws `bad-edu`. */
export function failEdu(message: string): never {
  throw new ProtocolError('bad-edu', message)
}
