/**
 * What a lens keeps from its viewer's sight, who decides it, and whether it is a bubble: filtering what everybody calls
 * spam is none, filtering what others show is. Nothing is counted of what is kept back in severe contexts.
 */

import type { BlendOptions } from '../blend/blend.ts'
import type { Lens } from '../blend/lens.ts'
import type { ContextClass } from '../context.ts'
import { countNames, diversityLoss, jaccard, jensenShannon } from './diversity.ts'
import { type ReferenceLens, turnFor } from './reference.ts'
import { isKeptBack, type Showing, type Sighting, showItem } from './sighting.ts'

export type BubbleMetrics = {
  /** Items that could be seen, and how many of them are kept back. */
  readonly items: number
  readonly keptBack: number
  /** H: the share that is kept back. */
  readonly hiddenShare: number
  /** How many are kept back, by action, by class of the deciding context, by room. */
  readonly byAction: ReadonlyMap<string, number>
  readonly byClass: ReadonlyMap<string, number>
  readonly byRoom: ReadonlyMap<string, number>
  /** The share of senders of whom nothing is seen. */
  readonly unseenSenders: number
  /** By feed: how many items would be seen without it. */
  readonly attribution: ReadonlyMap<string, number>
  /** HH of those: above 0.5 one source decides most of the filtering. 0 where no single feed decides anything. */
  readonly concentration: number
  /** Q: the share of what is kept back on which views differ, or that half of the reference lenses show. */
  readonly contestedShare: number
  /** D, and how far apart the clusters of what is seen and of what could be seen are. */
  readonly diversityLoss: number
  readonly divergence: number
  /** By reference lens: what both show, of what either shows. */
  readonly overlap: ReadonlyMap<string, number>
  /** B: from 0 to 100. */
  readonly bubbleIndex: number
}

/** Measures a lens on what its viewer could have seen. Every lens is evaluated as of the same time. */
export function measureBubble(
  lens: Lens,
  sightings: readonly Sighting[],
  references: readonly ReferenceLens[],
  options: BlendOptions,
): BubbleMetrics {
  const showings = sightings
    .map((sighting) => showItem(lens, sighting, options))
    .filter((shown) => shown.class !== 'severe' || !isKeptBack(shown))
  const kept = showings.filter(isKeptBack)
  const seen = showings.filter((shown) => !isKeptBack(shown))
  const looks = references.map((reference) => lookThrough(reference, showings, options))
  const contested = kept.filter((shown) => isContested(shown, looks))
  const [all, visible] = [clustersOf(showings), clustersOf(seen)]
  const decided = attribute(lens, kept, options)
  const inBubble = new Set(kept.filter(({ class: name }) => bubbleClasses.has(name)))
  const loss = diversityLoss(visible, all)
  return {
    items: showings.length,
    keptBack: kept.length,
    hiddenShare: shareOf(kept.length, showings.length),
    byAction: countNames(kept.map(({ action }) => action)),
    byClass: countNames(kept.map(({ class: name }) => name!)),
    byRoom: countNames(kept.map(({ sighting }) => sighting.room)),
    unseenSenders: unseenShare(showings, seen),
    attribution: countDecided(decided, kept),
    concentration: herfindahl(countDecided(decided, kept)),
    contestedShare: shareOf(contested.length, kept.length),
    diversityLoss: loss,
    divergence: showings.length === 0 ? 0 : jensenShannon(visible, all),
    overlap: new Map(looks.map(({ name, shows }) => [name, jaccard(itemsOf(seen), shows)])),
    bubbleIndex: bubbleIndex({
      contested: shareOf(contested.filter((shown) => inBubble.has(shown)).length, inBubble.size),
      loss,
      concentration: herfindahl(countDecided(decided, [...inBubble])),
    }),
  }
}

/** The classes in which filtering can make a bubble. */
const bubbleClasses: ReadonlySet<ContextClass | undefined> = new Set<ContextClass>(['viewpoint', 'taste'])
const CONTESTED_MIN = 0.5

/** B = 100 (0.5 Q' + 0.3 D + 0.2 HH'), Q' and HH' over viewpoints and taste; a rest that is more even is no loss. */
export function bubbleIndex(parts: { contested: number; loss: number; concentration: number }): number {
  const loss = Math.min(Math.max(parts.loss, 0), 1)
  return 100 * (0.5 * parts.contested + 0.3 * loss + 0.2 * parts.concentration)
}

type Look = { readonly name: string; readonly shows: ReadonlySet<string> }

function lookThrough(reference: ReferenceLens, showings: readonly Showing[], options: BlendOptions): Look {
  const shown = showings.filter(({ sighting }) => {
    return !isKeptBack(showItem(reference.lens, turnFor(reference, sighting), options))
  })
  return { name: reference.name, shows: itemsOf(shown) }
}

function isContested({ sighting, conflict }: Showing, looks: readonly Look[]): boolean {
  if (conflict >= CONTESTED_MIN) return true
  const showing = looks.filter(({ shows }) => shows.has(sighting.item)).length
  return looks.length > 0 && showing / looks.length >= CONTESTED_MIN
}

/** By feed: what would be seen without it. */
function attribute(lens: Lens, kept: readonly Showing[], options: BlendOptions): Map<string, Set<Showing>> {
  return new Map(
    lens.subscriptions.map(({ feed }) => {
      const without = { ...lens, subscriptions: lens.subscriptions.filter((other) => other.feed !== feed) }
      const freed = kept.filter(({ sighting }) => !isKeptBack(showItem(without, sighting, options)))
      return [feed, new Set(freed)]
    }),
  )
}

function countDecided(
  decided: ReadonlyMap<string, ReadonlySet<Showing>>,
  among: readonly Showing[],
): Map<string, number> {
  return new Map([...decided].map(([feed, freed]) => [feed, among.filter((shown) => freed.has(shown)).length]))
}

/** The Herfindahl index of some counts: 1 where one has all, 0 where there is nothing. */
export function herfindahl(counts: ReadonlyMap<string, number>): number {
  let [sum, squares] = [0, 0]
  for (const count of counts.values()) {
    sum += count
    squares += count * count
  }
  return sum === 0 ? 0 : squares / (sum * sum)
}

function unseenShare(showings: readonly Showing[], seen: readonly Showing[]): number {
  const all = new Set(showings.map(({ sighting }) => sighting.sender))
  const heard = new Set(seen.map(({ sighting }) => sighting.sender))
  return shareOf(all.size - heard.size, all.size)
}

function clustersOf(showings: readonly Showing[]): Map<string, number> {
  return countNames(showings.map(({ sighting }) => sighting.cluster))
}

function itemsOf(showings: readonly Showing[]): Set<string> {
  return new Set(showings.map(({ sighting }) => sighting.item))
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole
}
