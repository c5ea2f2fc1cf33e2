/**
 * The auth-chain index, purely: every event that can authorise others has a place (chain, sequence). A chain is named
 * by the number of its first event; an event reaches all earlier ones of its chain, and through links those of other
 * chains. So reachability costs the number of chains, not of events.
 */

export type Place = { readonly chain: number; readonly sequence: number }
/** Whoever stands at or after (chain, sequence) reaches (toChain, toSequence) and all before it. */
export type Link = Place & { readonly toChain: number; readonly toSequence: number }

/** For each chain, the last sequence that is reached; lower ones are reached too. */
export type Reach = ReadonlyMap<number, number>

/**
 * The place of a new event and its links, given the places of its auth events. It goes on a chain whose last event is
 * one of them, the longest such; otherwise it begins its own, named `number`.
 */
export function placeEvent(
  number: number,
  authPlaces: readonly Place[],
  lastOf: (chain: number) => number,
): { place: Place; links: Link[] } {
  const reached = new Map<number, number>()
  for (const { chain, sequence } of authPlaces) reached.set(chain, Math.max(sequence, reached.get(chain) ?? 0))
  let place: Place = { chain: number, sequence: 1 }
  for (const [chain, sequence] of reached) {
    if (lastOf(chain) === sequence && sequence >= place.sequence) place = { chain, sequence: sequence + 1 }
  }
  reached.delete(place.chain)
  const links = [...reached].map(([toChain, toSequence]) => ({ ...place, toChain, toSequence }))
  return { place, links }
}

/** Adds to `reach` what these links lead to; answers the chains that are now reached further than before. */
export function followLinks(reach: Map<number, number>, links: readonly Link[]): number[] {
  const further = new Set<number>()
  for (const { chain, sequence, toChain, toSequence } of links) {
    if ((reach.get(chain) ?? 0) < sequence || (reach.get(toChain) ?? 0) >= toSequence) continue
    reach.set(toChain, toSequence)
    further.add(toChain)
  }
  return [...further]
}

/** Parts of chains, `after` exclusive to `upTo` inclusive, that some of the reaches hold and others lack. */
export function reachDifference(reaches: readonly Reach[]): { chain: number; after: number; upTo: number }[] {
  const chains = new Set(reaches.flatMap((reach) => [...reach.keys()]))
  const parts: { chain: number; after: number; upTo: number }[] = []
  for (const chain of chains) {
    const lasts = reaches.map((reach) => reach.get(chain) ?? 0)
    const after = Math.min(...lasts)
    const upTo = Math.max(...lasts)
    if (after < upTo) parts.push({ chain, after, upTo })
  }
  return parts
}

/**
 * What the auth chains of some events hold, the events themselves only where others of them rest on them. `reach` has
 * what the events reach, themselves included; `links` all links that leave the chains of `reach`.
 */
export function reachBelow(placed: readonly Place[], reach: Reach, links: readonly Link[]): Map<number, number> {
  const below = new Map<number, number>()
  const raise = (chain: number, sequence: number) => below.set(chain, Math.max(sequence, below.get(chain) ?? 0))
  for (const { chain, sequence } of placed) raise(chain, sequence - 1)
  const starts = new Set(placed.map(({ chain }) => chain))
  for (const { chain, sequence, toChain, toSequence } of links) {
    if ((reach.get(chain) ?? 0) >= sequence) raise(toChain, toSequence)
  }
  // A chain that nobody starts on is reached whole.
  for (const [chain, sequence] of reach) if (!starts.has(chain)) raise(chain, sequence)
  return below
}

/**
 * The first place of each chain from which one of `targets` is reached; the chain has none below it. `links` are all
 * links that leave the chains in question.
 */
export function firstReaching(targets: readonly Place[], links: readonly Link[]): Map<number, number> {
  const first = new Map<number, number>()
  const lower = (chain: number, sequence: number): boolean => {
    if ((first.get(chain) ?? Number.POSITIVE_INFINITY) <= sequence) return false
    first.set(chain, sequence)
    return true
  }
  for (const { chain, sequence } of targets) lower(chain, sequence)
  const byTarget = Map.groupBy(links, (link) => link.toChain)
  const open = [...first.keys()]
  for (let chain = open.pop(); chain !== undefined; chain = open.pop()) {
    const from = first.get(chain)!
    for (const link of byTarget.get(chain) ?? []) {
      if (link.toSequence >= from && lower(link.chain, link.sequence)) open.push(link.chain)
    }
  }
  return first
}
