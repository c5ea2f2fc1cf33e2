/** Relative reputation: the feeds that users of this server publish. */

import { createOwnFeeds } from './own-feeds.ts'
import { createPublicFeeds } from './public-feeds.ts'
import type { Reputation, ReputationDeps } from './reputation.ts'

export { reputationLimits } from './limits.ts'
export type * from './reputation.ts'

/** The component; nothing is read before it is asked for. */
export function createReputation(deps: ReputationDeps): Reputation {
  return { ...createOwnFeeds(deps), ...createPublicFeeds(deps) }
}
