/** What a simulated world is made of: its plan, who lives there and what is said of them. */

import { type Lens, parseEntity, type Testimony } from '../src/index.ts'

export type Nature = 'abuse' | 'contested' | 'benign'

export type WorldPlan = {
  readonly seed: number
  readonly entities: number
  readonly honestFeeds: number
  /** What a reader trusts feeds that seem honest. */
  readonly honestTrust: number
  /** Feeds that repeat an honest one and say so. */
  readonly copiers: number
  readonly viewpointTrust: number
  /** Origins behind one subscription of trust 0.5 that smear innocents. */
  readonly sybils: number
  /** They praise half of the abuse instead. */
  readonly areSybilsPraising: boolean
  /** Feeds trusted like the honest that smear innocents and praise half of the abuse; among the honest in number. */
  readonly hostileFeeds: number
  /** Feeds beside those that repeat the first hostile one an hour later and pretend to be independent. */
  readonly hiddenCopiers: number
  /** Innocents that are smeared; 0: attackers praise only. */
  readonly smeared: number
  /** Statements a day of a hostile feed: all at once is a burst, few are a slow drip. */
  readonly smearedPerDay: number
  readonly isDamped: boolean
}

export const usualPlan: WorldPlan = {
  seed: 1,
  entities: 20_000,
  honestFeeds: 8,
  honestTrust: 0.65,
  copiers: 3,
  viewpointTrust: 0.5,
  sybils: 0,
  areSybilsPraising: false,
  hostileFeeds: 0,
  hiddenCopiers: 0,
  smeared: 300,
  smearedPerDay: Number.POSITIVE_INFINITY,
  isDamped: false,
}

/** An entity with what is said of it. */
export type Inhabitant = { readonly nature: Nature; isTarget: boolean; readonly said: Testimony[] }

export type World = { readonly inhabitants: readonly Inhabitant[]; readonly lens: Lens }

export const nowMs = 1_795_000_000_000
export const context = 'm.spam'

/** A statement as it reaches the reader. */
export function say(
  number: number,
  path: string[],
  value: number,
  more: { origin?: string; damping?: number; issuedMs?: number } = {},
): Testimony {
  const entity = parseEntity('user', `@u${number}:sim.example`)
  const origins = more.origin === undefined ? [] : [more.origin]
  return {
    statement: { entity, context, value, confidence: 0.8, issuedMs: more.issuedMs ?? nowMs, origins },
    path,
    weights: path.slice(1).map(() => 0.95),
    factor: 1,
    damping: more.damping ?? 1,
    idleMs: 0,
  }
}
