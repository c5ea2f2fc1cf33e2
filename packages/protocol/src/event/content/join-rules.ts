/** Reading of `m.room.join_rules`. Spec: client-server-api#mroomjoin_rules. */

import { isJsonObject, type JsonObject } from '../../json/json.ts'
import type { RoomRules } from '../../room-version/rules.ts'

export type JoinRule = 'public' | 'invite' | 'knock' | 'restricted' | 'knock_restricted' | 'private'

export type JoinRules = {
  /** `invite` if absent or not known to the room version. */
  readonly joinRule: JoinRule
  /** Rooms whose members may join a restricted room; in order, no duplicates, at most `allowedRoomsMax`. */
  readonly allowedRooms: readonly string[]
}

const allowedRoomsMax = 200

/** The content as the rest of the code reads it; undefined content: the room has no such event. Never throws. */
export function readJoinRules(rules: RoomRules, content: JsonObject | undefined): JoinRules {
  const joinRule = readJoinRule(rules, content?.join_rule)
  const isRestricted = joinRule === 'restricted' || joinRule === 'knock_restricted'
  return { joinRule, allowedRooms: isRestricted ? readAllowedRooms(content?.allow) : [] }
}

function readJoinRule(rules: RoomRules, value: unknown): JoinRule {
  switch (value) {
    case 'public':
    case 'private':
      return value
    case 'knock':
      return rules.knock ? value : 'invite'
    case 'restricted':
      return rules.restrictedJoin ? value : 'invite'
    case 'knock_restricted':
      return rules.knockRestricted ? value : 'invite'
    default:
      return 'invite'
  }
}

function readAllowedRooms(value: unknown): readonly string[] {
  const rooms = new Set<string>()
  if (!Array.isArray(value)) return []
  for (const condition of value) {
    if (rooms.size >= allowedRoomsMax) break
    if (!isJsonObject(condition) || condition.type !== 'm.room_membership') continue
    if (typeof condition.room_id === 'string') rooms.add(condition.room_id)
  }
  return [...rooms]
}
