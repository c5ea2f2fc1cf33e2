/** Relative reputation: the feeds that users of this server publish, those that they follow, and lenses. */

import { createLenses } from './lenses.ts'
import { createOwnFeeds } from './own-feeds.ts'
import { createPublicFeeds } from './public-feeds.ts'
import type { Reputation, ReputationDeps } from './reputation.ts'
import { createServerLens } from './server-lens.ts'
import { createSubscriptions } from './subscriptions.ts'

export { reputationLimits } from './limits.ts'
export type * from './reputation.ts'

/** The component; nothing is read before it is asked for. */
export function createReputation(deps: ReputationDeps): Reputation {
  const { forgetSight, forgetSights, ...lenses } = createLenses(deps)
  const subscriptions = createSubscriptions(deps, { onFeeds: forgetSights, onFollowed: forgetSight })
  const own = createOwnFeeds(deps)
  const serverLens = createServerLens({ ...deps, judgeOne: lenses.judgeOne, onChanged: forgetSight })
  return {
    ...own,
    ...createPublicFeeds(deps),
    ...subscriptions,
    ...lenses,
    ...serverLens,
    async forget(user) {
      await own.forget(user)
      await subscriptions.forgetSubscriptions(user)
      await lenses.forgetLenses(user)
    },
  }
}
