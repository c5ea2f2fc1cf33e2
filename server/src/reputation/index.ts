/** Relative reputation: the feeds that users of this server publish, those that they follow, and lenses. */

import { createLookups } from './answer-lookups.ts'
import { createEdges } from './edges.ts'
import { createGossip } from './gossip.ts'
import { createLenses } from './lenses.ts'
import { createLookAlikes } from './look-alikes.ts'
import { createMembers } from './members.ts'
import { createNews } from './news.ts'
import { createDecisionCounts } from './observe.ts'
import { createOwnFeeds } from './own-feeds.ts'
import { createPublicFeeds } from './public-feeds.ts'
import type { Reputation, ReputationDeps } from './reputation.ts'
import { createRoomLenses } from './room-lens.ts'
import { createSealedNames } from './sealed-names.ts'
import { createServerLens } from './server-lens.ts'
import { createSubscriptions } from './subscriptions.ts'
import { createViews } from './views.ts'
import { createFeedWeights } from './weigh-feeds.ts'

export { entityOfExplanation } from './judge.ts'
export { reputationLimits } from './limits.ts'
export type * from './reputation.ts'

/** The component; nothing is read before it is asked for. */
export function createReputation(deps: ReputationDeps): Reputation {
  const views = createViews(deps)
  const count = createDecisionCounts(deps.metrics)
  const sealedNames = createSealedNames(deps, (source) => onFeeds(source))
  const lookAlikes = createLookAlikes(deps)
  const looking = { ...deps, sealedNames, lookAlikes, feedWeights: createFeedWeights(deps) }
  const { forgetSight, forgetSights, ...lenses } = createLenses(looking, { count, onLens: views.tellUser })
  const onFeeds = (source: number) => {
    lookAlikes.forget()
    forgetSights()
    forgetRoomSights()
    views.tellViewersOf(source)
  }
  const { visit, ...subscriptions } = createSubscriptions(deps, { onFeeds, onFollowed: forgetSight })
  const gossip = createGossip(deps, visit, onFeeds)
  const { forgetRoomSights, followAll, ...roomLenses } = createRoomLenses(looking, { ...subscriptions, count })
  const { tellNews, waitForNews } = createNews(deps)
  const { readBatches, ...publicFeeds } = createPublicFeeds(deps)
  const own = createOwnFeeds(deps, tellNews)
  const serverLens = createServerLens({ ...deps, judgeOne: lenses.judgeOne, onChanged: forgetSight })
  return {
    ...own,
    ...publicFeeds,
    ...createLookups(deps),
    compareHeads: gossip.compareHeads,
    ...createMembers(deps, { readBatches }),
    ...subscriptions,
    ...lenses,
    ...serverLens,
    ...createEdges(lenses),
    ...roomLenses,
    waitForNews,
    resume() {
      subscriptions.resume()
      gossip.resume()
      sealedNames.tidy().catch((error) => deps.logger.error({ err: error }, 'unused hashes of names are still there'))
      followAll().catch((error) => deps.logger.error({ err: error }, 'rooms follow no feeds'))
    },
    onViews: views.onViews,
    async close() {
      await gossip.close()
      await subscriptions.close()
      await sealedNames.close()
      await views.close()
    },
    async forget(user) {
      await own.forget(user)
      await subscriptions.forgetSubscriptions(user)
      await lenses.forgetLenses(user)
    },
  }
}
