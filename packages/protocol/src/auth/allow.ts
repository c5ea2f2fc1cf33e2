/**
 * The authorisation rules: may this event stand, given this state?
 * Rule numbers are those of rooms/v1 (v1), rooms/v11 (v11) and rooms/v12 (v12) where they differ.
 * Spec: rooms/v12#authorisation-rules and its predecessors.
 */

import { eventLimits } from '../event/limits.ts'
import type { RoomEvent } from '../event/room-event.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { fitsBytes } from '../utf8-length.ts'
import type { AuthCase } from './auth-case.ts'
import { membershipOf, powerIn } from './auth-case.ts'
import type { AuthFacts, AuthState } from './auth-state.ts'
import { requiredPower } from './power.ts'
import { allowAliases } from './rules/aliases.ts'
import { allowCreate } from './rules/create.ts'
import { allowMember } from './rules/member.ts'
import { allowPowerLevels } from './rules/power-levels.ts'
import { allowRedactionEvent } from './rules/redaction.ts'
import { allowThirdPartyInvite } from './rules/third-party-invite.ts'
import { isSameServer } from './server-part.ts'
import { allowed, refuse, type Verdict } from './verdict.ts'

/**
 * The verdict of the rules on an event against a state: the one before it, the one of its own auth events, or the
 * room's current one. The rules on the list of auth events itself are in `checkAuthEvents`.
 * Looks up no other keys than those that `selectAuthEvents` names, and the create event.
 */
export function allow(rules: RoomRules, event: RoomEvent, auth: AuthState, facts: AuthFacts): Verdict {
  // Before version 11 such an event has its place in the graph and no effect: so do the servers that are there already.
  if (!rules.strictByteLimits && !fitsLimits(event)) {
    return refuse('size.too-large', `The type or the state key is longer than ${eventLimits.fieldBytesMax} bytes`)
  }
  // All versions, rule 1.
  if (event.type === 'm.room.create') return allowCreate(rules, event)
  const create = facts.create ?? auth.get('m.room.create', '')
  if (create === undefined) return refuse('auth-events.no-create', 'The room has no create event')
  // v1–11 rule 3, v12 rule 4: rooms that are closed to other servers.
  if (create.content['m.federate'] === false && !isSameServer(event.sender, create.sender)) {
    return refuse('federation.refused', 'The room is not open to other servers')
  }
  const authCase: AuthCase = { rules, event, auth, create }
  // v1–5 rule 4: aliases have a rule of their own.
  if (rules.aliasesSpecial && event.type === 'm.room.aliases') return allowAliases(event)
  // v1–5 rule 5, v6–11 rule 4, v12 rule 5.
  if (event.type === 'm.room.member') return allowMember(authCase, facts)
  return allowFromMember(authCase)
}

/** Spec: client-server-api#size-limits. */
function fitsLimits({ type, stateKey }: RoomEvent): boolean {
  const { fieldBytesMax } = eventLimits
  return fitsBytes(type, fieldBytesMax) && (stateKey === undefined || fitsBytes(stateKey, fieldBytesMax))
}

/** Rules 6 to 12 (v1–5, v12), 5 to 10 (v6–11): whatever only members of the room may send. */
function allowFromMember(authCase: AuthCase): Verdict {
  const { rules, event, auth } = authCase
  // v1–5 rule 6, v6–11 rule 5, v12 rule 6.
  if (membershipOf(authCase, event.sender) !== 'join') {
    return refuse('sender.not-joined', `${event.sender} is not in the room`)
  }
  // v1–5 rule 7, v6–11 rule 6, v12 rule 7: judged by the invite level alone.
  if (event.type === 'm.room.third_party_invite') return allowThirdPartyInvite(authCase)
  // v1–5 rule 8, v6–11 rule 7, v12 rule 8.
  const required = requiredPower(rules, auth, event.type, event.stateKey !== undefined)
  if (required > powerIn(authCase, event.sender)) {
    return refuse('power.too-low', `Sending ${event.type} needs power level ${required}`)
  }
  // v1–5 rule 9, v6–11 rule 8, v12 rule 9: state keys that look like users belong to them.
  if (event.stateKey?.startsWith('@') && event.stateKey !== event.sender) {
    return refuse('state-key.other-user', `The state key belongs to ${event.stateKey}`)
  }
  // v1–5 rule 10, v6–11 rule 9, v12 rule 10.
  if (event.type === 'm.room.power_levels') return allowPowerLevels(authCase)
  // v1–2 rule 11; from v3 on redactions are judged when they are applied.
  if (rules.redactionAuthRule && event.type === 'm.room.redaction') return allowRedactionEvent(authCase)
  return allowed()
}
