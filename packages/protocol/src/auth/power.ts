/** Who has which power in a room, and how much an action needs. Spec: server-server-api#definitions. */

import type { RoomEvent } from '../event/room-event.ts'
import type { JsonObject } from '../json/json.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { AuthState } from './auth-state.ts'
import { creatorOf, isPrivilegedCreator } from './creators.ts'
import { mappedLevel, type NamedLevel, namedLevel } from './levels.ts'

/**
 * The user's power level; `Infinity` for the creators of a room of version 12.
 * `create` must be given where `auth` does not hold the create event (v12 auth events).
 */
export function powerOf(
  rules: RoomRules,
  auth: AuthState,
  user: string,
  create: RoomEvent | undefined = auth.get('m.room.create', ''),
): number {
  if (isPrivilegedCreator(rules, create, user)) return Number.POSITIVE_INFINITY
  const levels = powerLevelsContent(auth)
  if (levels === undefined) return create !== undefined && creatorOf(rules, create) === user ? 100 : 0
  return mappedLevel(rules, levels, 'users', user) ?? namedLevel(rules, levels, 'users_default')
}

/** One of the room's named levels (`ban`, `kick`, `invite`, `redact`, `state_default`, …), its default if unset. */
export function levelFor(rules: RoomRules, auth: AuthState, name: NamedLevel): number {
  return namedLevel(rules, powerLevelsContent(auth), name)
}

/** The level that sending an event of this type needs ("required power level"). Members have rules of their own. */
export function requiredPower(rules: RoomRules, auth: AuthState, type: string, isState: boolean): number {
  const levels = powerLevelsContent(auth)
  return (
    mappedLevel(rules, levels, 'events', type) ??
    namedLevel(rules, levels, isState ? 'state_default' : 'events_default')
  )
}

/** The level that triggers a notification of this kind needs (`room` for `@room`); 50 if unset. */
export function notificationPower(rules: RoomRules, auth: AuthState, kind: string): number {
  return mappedLevel(rules, powerLevelsContent(auth), 'notifications', kind) ?? 50
}

function powerLevelsContent(auth: AuthState): JsonObject | undefined {
  return auth.get('m.room.power_levels', '')?.content
}
