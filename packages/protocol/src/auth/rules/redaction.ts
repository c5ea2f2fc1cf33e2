/** Rule 11 of versions 1–2: `m.room.redaction`. Spec: rooms/v1#authorisation-rules 11. */

import { type AuthCase, levelIn, powerIn } from '../auth-case.ts'
import { isSameServer } from '../server-part.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on a redaction as an event (v1–2). The sender is known to be joined. */
export function allowRedactionEvent(authCase: AuthCase): Verdict {
  const { event } = authCase
  // v1–2 11.1.
  if (powerIn(authCase, event.sender) >= levelIn(authCase, 'redact')) return allowed()
  // v1–2 11.2: the servers in the event IDs.
  if (event.redacts !== undefined && isSameServer(event.redacts, event.eventId)) return allowed()
  // v1–2 11.3.
  return refuse('redaction.not-allowed', `${event.sender} may not redact events of others`)
}
