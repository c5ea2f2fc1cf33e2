/**
 * Feeds that repeat one another without saying so: they say nearly the same, and one of them always says it later. Such
 * feeds count as one operator; feeds that see the same wave on their own are now first and now last.
 */

import { model } from '../limits.ts'

/** What a feed says (a name for each statement: entity, context and side), and since when, in milliseconds. */
export type Listing = ReadonlyMap<string, number>

/** Before so much is said by both, two feeds may agree by chance. */
const COMMON_MIN = 10
/** The share of the common statements in which one feed comes no earlier than the other. */
const LATER_MIN = 0.9

/** For each feed that copies or is copied the operator's name: that of the first feed of the group by its name. */
export function groupCopies(listings: ReadonlyMap<string, Listing>): Map<string, string> {
  const leaders = new Map<string, string>()
  const leaderOf = (feed: string): string => {
    const above = leaders.get(feed)
    return above === undefined || above === feed ? feed : leaderOf(above)
  }
  const feeds = [...listings.keys()].sort()
  for (const [at, feed] of feeds.entries()) {
    for (const other of feeds.slice(at + 1)) {
      if (!isCopy(listings.get(feed)!, listings.get(other)!)) continue
      const [one, two] = [leaderOf(feed), leaderOf(other)].sort()
      leaders.set(feed, leaders.get(feed) ?? one!)
      leaders.set(other, leaders.get(other) ?? one!)
      leaders.set(two!, one!)
    }
  }
  return new Map([...leaders.keys()].map((feed) => [feed, leaderOf(feed)]))
}

function isCopy(left: Listing, right: Listing): boolean {
  const [few, many] = left.size <= right.size ? [left, right] : [right, left]
  if (few.size <= model.overlapMax * many.size) return false
  let [common, fewLater, manyLater] = [0, 0, 0]
  for (const [name, sinceMs] of few) {
    const otherMs = many.get(name)
    if (otherMs === undefined) continue
    common++
    if (sinceMs >= otherMs) fewLater++
    if (otherMs >= sinceMs) manyLater++
  }
  if (common < COMMON_MIN || common / (few.size + many.size - common) <= model.overlapMax) return false
  return Math.max(fewLater, manyLater) >= LATER_MIN * common
}
