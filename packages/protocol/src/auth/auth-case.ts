/** One event before the authorisation rules, with what they look at. */

import type { RoomEvent } from '../event/room-event.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { AuthState } from './auth-state.ts'
import type { NamedLevel } from './levels.ts'
import { levelFor, powerOf } from './power.ts'

/** The event, the state it is judged against and the room's create event. */
export type AuthCase = {
  readonly rules: RoomRules
  readonly event: RoomEvent
  readonly auth: AuthState
  readonly create: RoomEvent
}

/** The user's membership in the state of the case; undefined: never was a member. */
export function membershipOf({ auth }: AuthCase, user: string): string | undefined {
  const membership = auth.get('m.room.member', user)?.content.membership
  return typeof membership === 'string' ? membership : undefined
}

/** The room's join rule in the state of the case: `invite` where nothing is said. */
export function joinRuleOf({ auth }: AuthCase): unknown {
  return auth.get('m.room.join_rules', '')?.content.join_rule ?? 'invite'
}

/** The user's power in the state of the case; may be infinite. */
export function powerIn({ rules, auth, create }: AuthCase, user: string): number {
  return powerOf(rules, auth, user, create)
}

/** A named level in the state of the case. */
export function levelIn({ rules, auth }: AuthCase, name: NamedLevel): number {
  return levelFor(rules, auth, name)
}
