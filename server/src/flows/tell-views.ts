/** Lets clients know, by account data, that their user may see something else now, so that they read again. */

import type { Clock } from '../base/index.ts'
import type { Reputation } from '../reputation/index.ts'
import type { Users } from '../users/index.ts'

const TYPE = 'org.parallax.reputation.view'

export type TellViewsDeps = {
  readonly reputation: Pick<Reputation, 'onViews'>
  readonly users: Pick<Users, 'putAccountData'>
  readonly clock: Clock
}

/** From now on. */
export function tellViews({ reputation, users, clock }: TellViewsDeps): void {
  reputation.onViews((user) => users.putAccountData(user, null, TYPE, { changed_ts: clock.nowMs() }))
}
