/** Redaction: what of an event survives. Spec: client-server-api#redactions and rooms/v1 to rooms/v12. */

import { isJsonObject, type JsonObject } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'

const keysSince11 = [
  'auth_events',
  'content',
  'depth',
  'event_id',
  'hashes',
  'origin_server_ts',
  'prev_events',
  'room_id',
  'sender',
  'signatures',
  'state_key',
  'type',
]
const keysBefore11 = [...keysSince11, 'membership', 'origin', 'prev_state']
const powerLevelKeys = ['ban', 'events', 'events_default', 'kick', 'redact', 'state_default', 'users', 'users_default']
const noKeys: readonly string[] = []

/** The event without what a redaction strips; the input stays as it is, parts of it are shared. Idempotent. */
export function redact(rules: RoomRules, pdu: JsonObject): JsonObject {
  const kept = pick(pdu, rules.redactionSince11 ? keysSince11 : keysBefore11)
  kept.content = redactContent(rules, pdu.type, isJsonObject(pdu.content) ? pdu.content : {})
  return kept
}

/** The content of an event of that type without what a redaction strips. */
export function redactContent(rules: RoomRules, type: unknown, content: JsonObject): JsonObject {
  if (type === 'm.room.create' && rules.redactionSince11) return content
  const kept = pick(content, typeof type === 'string' ? contentKeys(rules, type) : noKeys)
  if (type === 'm.room.member' && rules.redactionSince11 && isJsonObject(content.third_party_invite)) {
    kept.third_party_invite = pick(content.third_party_invite, ['signed'])
  }
  return kept
}

function contentKeys(rules: RoomRules, type: string): readonly string[] {
  switch (type) {
    case 'm.room.member':
      return rules.redactionKeepsAuthorisingUser ? ['membership', 'join_authorised_via_users_server'] : ['membership']
    case 'm.room.create':
      return ['creator']
    case 'm.room.join_rules':
      return rules.redactionKeepsAllow ? ['join_rule', 'allow'] : ['join_rule']
    case 'm.room.power_levels':
      return rules.redactionSince11 ? [...powerLevelKeys, 'invite'] : powerLevelKeys
    case 'm.room.aliases':
      return rules.aliasesSpecial ? ['aliases'] : noKeys
    case 'm.room.history_visibility':
      return ['history_visibility']
    case 'm.room.redaction':
      return rules.redactionSince11 ? ['redacts'] : noKeys
    default:
      return noKeys
  }
}

function pick(object: JsonObject, keys: readonly string[]): JsonObject {
  const picked: JsonObject = {}
  for (const key of keys) {
    if (Object.hasOwn(object, key) && object[key] !== undefined) picked[key] = object[key]
  }
  return picked
}
