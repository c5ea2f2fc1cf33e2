/**
 * What another server tells of a room, as far as it is well-formed. Spec:
 * server-server-api#get_matrixfederationv1hierarchyroomid.
 */

import { isJsonObject, isServerName, type JsonObject, type JsonValue, type RoomId } from '@parallax/protocol'

/** Join rules under which anyone may ask to get in. */
export const openRules: ReadonlySet<string> = new Set(['public', 'knock', 'knock_restricted'])

/** Rooms of one space that another server may tell of. */
const CHILDREN_MAX = 500

/** The room's entry, without what it has no word for; undefined if it is about no room. */
export function readEntry(json: JsonValue | undefined): JsonObject | undefined {
  if (!isJsonObject(json) || !isRoomId(json.room_id)) return undefined
  const { num_joined_members: joined, allowed_room_ids: allowed, join_rule: rule } = json
  const entry: JsonObject = {
    room_id: json.room_id,
    num_joined_members: Number.isSafeInteger(joined) && Number(joined) >= 0 ? Number(joined) : 0,
    world_readable: json.world_readable === true,
    guest_can_join: json.guest_can_join === true,
    // As the specification reads its absence.
    join_rule: typeof rule === 'string' ? rule : 'public',
  }
  for (const name of optionalTexts) {
    const text = json[name]
    if (typeof text === 'string' && text !== '') entry[name] = text
  }
  if (Array.isArray(allowed)) entry.allowed_room_ids = allowed.filter(isRoomId)
  return entry
}

const optionalTexts = [
  'name',
  'topic',
  'avatar_url',
  'canonical_alias',
  'room_type',
  'room_version',
  'encryption',
] as const

/** Entries by room ID. */
export function readEntries(json: JsonValue | undefined): Map<string, JsonObject> {
  const entries = new Map<string, JsonObject>()
  for (const one of Array.isArray(json) ? json.slice(0, CHILDREN_MAX) : []) {
    const entry = readEntry(one)
    if (entry !== undefined) entries.set(String(entry.room_id), entry)
  }
  return entries
}

/** The stripped `m.space.child` events, each room once, in the order in which they came. */
export function readChildStates(json: JsonValue | undefined): JsonObject[] {
  const states = new Map<string, JsonObject>()
  for (const one of Array.isArray(json) ? json.slice(0, CHILDREN_MAX) : []) {
    if (!isJsonObject(one) || one.type !== 'm.space.child' || !isRoomId(one.state_key)) continue
    const { state_key: childId, content, sender, origin_server_ts: ts } = one
    if (!isJsonObject(content) || typeof sender !== 'string' || !Number.isSafeInteger(ts)) continue
    if (readVia(content).length === 0) continue
    states.set(childId, { type: 'm.space.child', state_key: childId, content, sender, origin_server_ts: ts as number })
  }
  return [...states.values()]
}

/** The servers that a space's child is to be asked of. */
export function readVia({ via }: JsonObject): string[] {
  return Array.isArray(via)
    ? via.filter((server) => typeof server === 'string' && isServerName(server)).map(String)
    : []
}

function isRoomId(value: unknown): value is RoomId {
  return typeof value === 'string' && value.startsWith('!') && value.length <= 255
}
