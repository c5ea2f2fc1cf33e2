/** Rules 4.6 (v7), 4.7 (v8–11), 5.7 (v12): `membership` is `knock`. */

import { type AuthCase, joinRuleOf, membershipOf } from '../auth-case.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on a knock (v7 and later). */
export function allowKnock(authCase: AuthCase, target: string): Verdict {
  const { rules, event } = authCase
  // .1 (`knock_restricted`: v10 and later)
  const joinRule = joinRuleOf(authCase)
  if (joinRule !== 'knock' && !(joinRule === 'knock_restricted' && rules.knockRestricted)) {
    return refuse('member-knock.not-allowed', 'The join rule does not allow knocking')
  }
  // .2
  if (event.sender !== target) return refuse('member-knock.other-user', 'Nobody can knock for somebody else')
  // .3 and .4
  const current = membershipOf(authCase, target)
  if (current !== 'ban' && current !== 'invite' && current !== 'join') return allowed()
  return refuse('member-knock.already-member', `${target} is ${current === 'ban' ? 'banned' : 'already let in'}`)
}
