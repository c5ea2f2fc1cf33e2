/** Rule 7 (v1–5, v12), 6 (v6–11): `m.room.third_party_invite`. */

import { type AuthCase, levelIn, powerIn } from '../auth-case.ts'
import { allowed, refuse, type Verdict } from '../verdict.ts'

/** The verdict on an invitation of somebody known by an e-mail address or the like. The sender is joined. */
export function allowThirdPartyInvite(authCase: AuthCase): Verdict {
  // 7.1 (v1–5, v12), 6.1 (v6–11).
  if (powerIn(authCase, authCase.event.sender) >= levelIn(authCase, 'invite')) return allowed()
  return refuse('third-party-invite.power', 'Inviting needs a higher power level')
}
