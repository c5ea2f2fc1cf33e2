/** Rules 5.2 (v1–5), 4.2 (v6–7), 4.3 (v8–11), 5.3 (v12): `membership` is `join`. */

import { type AuthCase, joinRuleOf, levelIn, membershipOf, powerIn } from '../auth-case.ts'
import { creatorOf } from '../creators.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on a join. */
export function allowJoin(authCase: AuthCase, target: string): Verdict {
  const { rules, event, create } = authCase
  // .1: the creator's first join (v1–10: `content.creator`; v11 and later: the create event's sender).
  const isSecond = event.prevEvents.length === 1 && event.prevEvents[0] === create.eventId
  if (isSecond && target === creatorOf(rules, create)) return allowed()
  // .2
  if (event.sender !== target) return refuse('member-join.other-user', 'Nobody can join for somebody else')
  const current = membershipOf(authCase, target)
  // .3
  if (current === 'ban') return refuse('member-join.banned', `${target} is banned`)
  const joinRule = joinRuleOf(authCase)
  if (joinRule === 'public') return allowed()
  const isAsked = current === 'invite' || current === 'join'
  // .4 (`knock`: v7 and later)
  if (joinRule === 'invite' || (joinRule === 'knock' && rules.knock)) {
    return isAsked ? allowed() : refuse('member-join.not-invited', `${target} is not invited`)
  }
  // .5 (`restricted`: v8 and later; `knock_restricted`: v10 and later)
  const isRestricted = joinRule === 'restricted' && rules.restrictedJoin
  if (isRestricted || (joinRule === 'knock_restricted' && rules.knockRestricted)) {
    return isAsked ? allowed() : allowVouchedFor(authCase)
  }
  return refuse('member-join.not-allowed', 'The join rule lets nobody in')
}

/** .5.2 and .5.3: a member who may invite vouches for the join. */
function allowVouchedFor(authCase: AuthCase): Verdict {
  const authoriser = authCase.event.content.join_authorised_via_users_server
  if (
    typeof authoriser === 'string' &&
    membershipOf(authCase, authoriser) === 'join' &&
    powerIn(authCase, authoriser) >= levelIn(authCase, 'invite')
  ) {
    return allowed()
  }
  return refuse('member-join.not-authorised', 'No member with the right to invite vouches for the join')
}
