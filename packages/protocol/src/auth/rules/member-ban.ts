/** Rules 5.5 (v1–5), 4.5 (v6–7), 4.6 (v8–11), 5.6 (v12): `membership` is `ban`. */

import { type AuthCase, levelIn, membershipOf, powerIn } from '../auth-case.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on a ban. */
export function allowBan(authCase: AuthCase, target: string): Verdict {
  const { event } = authCase
  // .1
  if (membershipOf(authCase, event.sender) !== 'join') {
    return refuse('member-ban.sender-not-joined', `${event.sender} is not in the room`)
  }
  // .2 and .3
  const power = powerIn(authCase, event.sender)
  if (power >= levelIn(authCase, 'ban') && powerIn(authCase, target) < power) return allowed()
  return refuse('member-ban.power', `Banning ${target} needs a higher power level`)
}
