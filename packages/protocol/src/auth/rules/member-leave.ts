/** Rules 5.4 (v1–5), 4.4 (v6–7), 4.5 (v8–11), 5.5 (v12): `membership` is `leave`: leaving, kicking, unbanning. */

import { type AuthCase, levelIn, membershipOf, powerIn } from '../auth-case.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on a leave, a kick or the end of a ban. */
export function allowLeave(authCase: AuthCase, target: string): Verdict {
  const { rules, event } = authCase
  const own = membershipOf(authCase, event.sender)
  // .1 (`knock`: v7 and later)
  if (event.sender === target) {
    if (own === 'invite' || own === 'join' || (own === 'knock' && rules.knock)) return allowed()
    return refuse('member-leave.not-member', `${target} is not in the room`)
  }
  // .2
  if (own !== 'join') return refuse('member-leave.sender-not-joined', `${event.sender} is not in the room`)
  const power = powerIn(authCase, event.sender)
  // .3
  if (membershipOf(authCase, target) === 'ban' && power < levelIn(authCase, 'ban')) {
    return refuse('member-leave.unban-power', 'Ending a ban needs a higher power level')
  }
  // .4 and .5
  if (power >= levelIn(authCase, 'kick') && powerIn(authCase, target) < power) return allowed()
  return refuse('member-leave.kick-power', `Removing ${target} needs a higher power level`)
}
