/** A user's lens as a feed for others: its manifest names the feeds of the lens, and readers blend those themselves. */

import { type Manifest, type ManifestParent, trustLevels } from '@parallax/reputation'
import { MatrixError } from '../base/index.ts'
import type { FeedRow } from './feed-table.ts'
import { listLenses } from './lens-table.ts'
import { reputationLimits } from './limits.ts'
import type { ReputationDeps, WrittenSubscription } from './reputation.ts'
import { listSources, listSubscribed } from './source-table.ts'

/**
 * The feeds of a lens as parents of one of its owner's, the most trusted first. Left out are narrow ones, which nobody
 * else can read, those that only notify, and those that said nothing yet. Throws M_NOT_FOUND, M_INVALID_PARAM.
 */
export async function listParents(
  { store }: ReputationDeps,
  { owner, feed }: Pick<FeedRow, 'owner' | 'feed'>,
  name: string | null,
): Promise<Manifest['derived_from']> {
  if (name === null) return []
  const lens = (await listLenses(store.reader, owner)).get(name)
  if (lens === undefined) throw new MatrixError('M_NOT_FOUND', 'You have no lens of that name.')
  const followed = new Set(await listSubscribed(store.reader, owner))
  const chosen = lens.subscriptions.filter(({ source, mode }) => mode !== 'notify' && followed.has(source))
  const rows = await listSources(
    store.reader,
    chosen.map(({ source }) => source),
  )
  const weights = new Map(chosen.map((subscription) => [subscription.source, weightOf(subscription)]))
  const parents = rows.flatMap(({ source, address, manifest, manner, state }): ManifestParent[] => {
    const seq = state.head?.seq
    if (manner !== 'copy' || seq === undefined || manifest.feed === feed) return []
    return [{ feed: manifest.feed, seq, weight: weights.get(source)!, address }]
  })
  if (parents.length === 0) {
    throw new MatrixError('M_INVALID_PARAM', 'There is no public feed in that lens that has said something.')
  }
  const byFeed = new Map(parents.map((parent) => [parent.feed, parent]))
  const heaviest = [...byFeed.values()].sort((one, other) => other.weight - one.weight)
  return heaviest.slice(0, reputationLimits.parentsFollowedMax)
}

/** In percent; what is trusted differently by context counts as where it is trusted least. */
function weightOf({ trust }: WrittenSubscription): number {
  const levels = Object.values(trust).map((level) => trustLevels[level])
  return Math.round(Math.min(...levels, trustLevels.own) * 100)
}
