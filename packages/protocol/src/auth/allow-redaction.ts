/** May a redaction take effect? Spec: rooms/v3#handling-redactions; in v1–2 the authorisation rules answer. */

import type { RoomEvent } from '../event/room-event.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { AuthState } from './auth-state.ts'
import { levelFor, powerOf } from './power.ts'
import { isSameServer } from './server-part.ts'
import { allowed, refuse, type Verdict } from './verdict.ts'

/**
 * The verdict on applying an accepted redaction to the event it names, once both are there. `auth` is the state before
 * the redaction; `create` is needed where that state lacks the create event. Versions 1–2 have judged it on receipt.
 */
export function allowRedaction(
  rules: RoomRules,
  redaction: RoomEvent,
  original: RoomEvent,
  auth: AuthState,
  create: RoomEvent | undefined = auth.get('m.room.create', ''),
): Verdict {
  if (redaction.redacts !== original.eventId || redaction.roomId !== original.roomId) {
    return refuse('redaction.not-allowed', 'The redaction does not name this event')
  }
  if (rules.redactionAuthRule) return allowed()
  if (powerOf(rules, auth, redaction.sender, create) >= levelFor(rules, auth, 'redact')) return allowed()
  if (isSameServer(redaction.sender, original.sender)) return allowed()
  return refuse('redaction.not-allowed', `${redaction.sender} may not redact events of others`)
}
