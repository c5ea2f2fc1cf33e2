/**
 * Reading power levels from the content of `m.room.power_levels`, by room version.
 * Values are read in place: a look-up costs less than a parsed copy would.
 * Spec: client-server-api#mroompower_levels, rooms/v1#mroompower_levels-events-accept-values-as-strings.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'

/** The levels at the top of the content, with what they are when absent. */
export const defaultLevels = {
  users_default: 0,
  events_default: 0,
  state_default: 50,
  ban: 50,
  redact: 50,
  kick: 50,
  invite: 0,
} as const

export type NamedLevel = keyof typeof defaultLevels

export const namedLevels = Object.keys(defaultLevels) as readonly NamedLevel[]

const stringLevel = /^\s*([+-]?[0-9]+)\s*$/

/**
 * The level that a JSON value stands for, or undefined if it stands for none.
 * v10 and later: integers. v1–9: strings of digits too. v1–5: floats too, cut at the point.
 */
export function readLevel(rules: RoomRules, value: JsonValue | undefined): number | undefined {
  if (typeof value === 'number') {
    if (rules.strictCanonicalJson) return Number.isSafeInteger(value) ? value : undefined
    return Number.isFinite(value) ? Math.trunc(value) : undefined
  }
  if (typeof value !== 'string' || rules.integerPowerLevels) return undefined
  const digits = stringLevel.exec(value)?.[1]
  if (digits === undefined) return undefined
  const level = Number(digits)
  return Number.isFinite(level) ? level : undefined
}

/** A named level of a power-levels content (undefined: the room has no such event), or its default. */
export function namedLevel(rules: RoomRules, content: JsonObject | undefined, name: NamedLevel): number {
  return readLevel(rules, content?.[name]) ?? defaultLevels[name]
}

/** The entry of a map inside the content (`events`, `users`, `notifications`), or undefined if it has none. */
export function mappedLevel(
  rules: RoomRules,
  content: JsonObject | undefined,
  map: 'events' | 'users' | 'notifications',
  key: string,
): number | undefined {
  const entries = content?.[map]
  return isJsonObject(entries) ? readLevel(rules, entries[key]) : undefined
}
