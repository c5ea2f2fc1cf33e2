/** Rules 5.3 (v1–5), 4.3 (v6–7), 4.4 (v8–11), 5.4 (v12): `membership` is `invite`. */

import { type AuthCase, levelIn, membershipOf, powerIn } from '../auth-case.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'
import { allowThirdPartyMember } from './member-third-party.ts'

/** The verdict on an invite. */
export function allowInvite(authCase: AuthCase, target: string): Verdict {
  const { event } = authCase
  // .1
  if (Object.hasOwn(event.content, 'third_party_invite')) return allowThirdPartyMember(authCase, target)
  // .2
  if (membershipOf(authCase, event.sender) !== 'join') {
    return refuse('member-invite.sender-not-joined', `${event.sender} is not in the room`)
  }
  // .3
  const current = membershipOf(authCase, target)
  if (current === 'join') return refuse('member-invite.already-member', `${target} is already in the room`)
  if (current === 'ban') return refuse('member-invite.banned', `${target} is banned`)
  // .4 and .5
  if (powerIn(authCase, event.sender) >= levelIn(authCase, 'invite')) return allowed()
  return refuse('member-invite.power', 'Inviting needs a higher power level')
}
