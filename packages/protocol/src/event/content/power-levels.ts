/**
 * Reading of a whole `m.room.power_levels`; single levels are read in place by `auth/levels.ts`. Spec:
 * client-server-api#mroompower_levels.
 */

import { mappedLevel, type NamedLevel, namedLevel, namedLevels, readLevel } from '../../auth/levels.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/json.ts'
import type { RoomRules } from '../../room-version/rules.ts'

export type PowerLevels = Readonly<Record<NamedLevel, number>> & {
  readonly users: ReadonlyMap<string, number>
  readonly events: ReadonlyMap<string, number>
  /** The level that `@room` needs. */
  readonly notificationsRoom: number
}

/** All levels with their defaults; values that the room version does not take count as absent. Never throws. */
export function readPowerLevels(rules: RoomRules, content: JsonObject): PowerLevels {
  const named = Object.fromEntries(namedLevels.map((name) => [name, namedLevel(rules, content, name)]))
  return {
    ...(named as Record<NamedLevel, number>),
    users: readMap(rules, content.users),
    events: readMap(rules, content.events),
    notificationsRoom: mappedLevel(rules, content, 'notifications', 'room') ?? 50,
  }
}

function readMap(rules: RoomRules, value: JsonValue | undefined): ReadonlyMap<string, number> {
  const levels = new Map<string, number>()
  if (!isJsonObject(value)) return levels
  for (const [key, item] of Object.entries(value)) {
    const level = readLevel(rules, item)
    if (level !== undefined) levels.set(key, level)
  }
  return levels
}
