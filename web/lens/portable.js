/** A lens as text that can be given to somebody: feeds by their addresses, trust and modes; never one's own rules. */

import * as server from './server.js'
import { strings } from './strings.js'

const VERSION = 1
const FEEDS_MAX = 50

/** The text of a lens. */
export function writeLens(name, lens, feeds) {
  const bySource = new Map(feeds.map((feed) => [feed.source, feed]))
  const subscriptions = lens.subscriptions
    .filter(({ source }) => bySource.has(source))
    .map(({ source, ...how }) => {
      const { address, key } = bySource.get(source)
      return { address, key, ...how }
    })
  const most = lens.action_max === undefined ? {} : { action_max: lens.action_max }
  return JSON.stringify({ parallax_lens: VERSION, name, subscriptions, ...most }, null, 1)
}

/** Follows what the lens names and answers it as a lens of one's own. Throws with a sentence for anything else. */
export async function readLens(text, feeds) {
  const written = parse(text)
  const known = new Map(feeds.map((feed) => [feed.address, feed]))
  const subscriptions = []
  for (const { address, key, trust, mode, operator } of written.subscriptions) {
    const feed = known.get(address) ?? (await server.followFeed(address, key))
    subscriptions.push({ source: feed.source, trust, mode, ...(operator !== undefined && { operator }) })
  }
  const most = written.action_max === undefined ? {} : { action_max: written.action_max }
  return { name: strings.triedName(written.name), lens: { subscriptions, ...most } }
}

function parse(text) {
  let written
  try {
    written = JSON.parse(text)
  } catch {
    throw new Error(strings.tryBad)
  }
  const isLens =
    written?.parallax_lens === VERSION &&
    typeof written.name === 'string' &&
    Array.isArray(written.subscriptions) &&
    written.subscriptions.length <= FEEDS_MAX &&
    written.subscriptions.every((one) => typeof one?.address === 'string' && typeof one.trust === 'object')
  if (!isLens) throw new Error(strings.tryBad)
  return written
}
