/** Power levels when a room is replaced: those of the new room and, afterwards, of the old. */

import {
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type RoomRules,
  readCreate,
  readLevel,
  readPowerLevels,
} from '@parallax/protocol'
import type { PowerState } from './power-state.ts'
import { tombstoneLevel } from './room-presets.ts'

const creatorLevel = 100

/**
 * Levels fit for the new version. From version 12 on its creators are not listed, and tombstones need more than other
 * state; before, the creators of a room of version 12 need levels of their own, and from 10 on all are integers.
 */
export function successorLevels(
  rules: RoomRules,
  oldRules: RoomRules,
  { create, levels }: PowerState,
  creators: readonly string[],
): JsonObject {
  const content = asIntegers(rules, oldRules, levels?.content ?? {})
  const users: JsonObject = isJsonObject(content.users) ? { ...content.users } : {}
  if (rules.privilegedCreators) {
    for (const creator of creators) delete users[creator]
    const events = isJsonObject(content.events) ? content.events : {}
    const lowest = tombstoneLevel(readPowerLevels(rules, content).state_default)
    const tombstone = Math.max(readLevel(rules, events['m.room.tombstone']) ?? lowest, lowest)
    return { ...content, users, events: { ...events, 'm.room.tombstone': tombstone } }
  }
  if (oldRules.privilegedCreators && create !== undefined) {
    for (const user of [create.sender, ...readCreate(create.content).additionalCreators]) users[user] = creatorLevel
  }
  const [creator] = creators
  if (oldRules.privilegedCreators || levels === undefined) users[creator!] ??= creatorLevel
  return { ...content, users }
}

/** Levels that were written as texts, which versions 1–9 allow, as numbers; what stands for no level is left out. */
function asIntegers(rules: RoomRules, oldRules: RoomRules, content: JsonObject): JsonObject {
  if (!rules.integerPowerLevels || oldRules.integerPowerLevels) return content
  const entries = Object.entries(content).flatMap(([key, value]): [string, JsonValue][] => {
    if (isJsonObject(value)) return [[key, asIntegers(rules, oldRules, value)]]
    const level = readLevel(oldRules, value)
    return level === undefined || !Number.isSafeInteger(level) ? [] : [[key, level]]
  })
  return Object.fromEntries(entries)
}

/** Versions 1–11: levels that let the creator write all carried state; undefined where theirs are high enough. */
export function raisedLevels(rules: RoomRules, content: JsonObject, creator: string): JsonObject | undefined {
  if (rules.privilegedCreators) return undefined
  const levels = readPowerLevels(rules, content)
  const needed = Math.max(creatorLevel, levels.state_default, ...levels.events.values())
  if ((levels.users.get(creator) ?? levels.users_default) >= needed) return undefined
  return { ...content, users: { ...(isJsonObject(content.users) ? content.users : {}), [creator]: needed } }
}

/** Only who had more than ordinary power goes on speaking and inviting in the old room. */
export function silencedLevels(rules: RoomRules, content: JsonObject): JsonObject {
  const { users_default, events_default, invite } = readPowerLevels(rules, content)
  const floor = Math.max(50, users_default + 1)
  return { ...content, events_default: Math.max(floor, events_default), invite: Math.max(floor, invite) }
}
