/** Rule 5 (v1–5, v12), 4 (v6–11): `m.room.member`; which part applies. */

import type { AuthCase } from '../auth-case.ts'
import type { AuthFacts } from '../auth-state.ts'
import { serverPart } from '../server-part.ts'
import { refuse, type Verdict } from '../verdict.ts'
import { allowBan } from './member-ban.ts'
import { allowInvite } from './member-invite.ts'
import { allowJoin } from './member-join.ts'
import { allowKnock } from './member-knock.ts'
import { allowLeave } from './member-leave.ts'

/** The verdict on a membership event. */
export function allowMember(authCase: AuthCase, facts: AuthFacts): Verdict {
  const { rules, event } = authCase
  const { membership } = event.content
  // 5.1 (v1–5, v12), 4.1 (v6–11). A state key without a server is nobody: every other server refuses it too.
  if (event.stateKey === undefined || serverPart(event.stateKey) === undefined || typeof membership !== 'string') {
    return refuse('member.bad', 'A membership event needs a user as state key and a membership')
  }
  // v8–11 4.2, v12 5.2.
  const isVouchedFor = rules.restrictedJoin && Object.hasOwn(event.content, 'join_authorised_via_users_server')
  if (isVouchedFor && !facts.authorisingServerSigned) {
    return refuse('member.authoriser-unsigned', 'The server that vouches for the join has not signed it')
  }
  const target = event.stateKey
  if (membership === 'join') return allowJoin(authCase, target)
  if (membership === 'invite') return allowInvite(authCase, target)
  if (membership === 'leave') return allowLeave(authCase, target)
  if (membership === 'ban') return allowBan(authCase, target)
  // v7 and later.
  if (membership === 'knock' && rules.knock) return allowKnock(authCase, target)
  return refuse('member.bad', 'The membership is unknown')
}
