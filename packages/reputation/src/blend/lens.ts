/** A lens: whom its owner listens to, how much, and what may follow. Several can be kept; changing one is a swap. */

import { type Action, ancestorsOf } from '../context.ts'
import type { EntityKey } from '../entity.ts'
import { model } from '../limits.ts'

/** Named levels, so that nobody has to choose a number. */
export const trustLevels = { curious: 0.3, some: 0.5, good: 0.7, strong: 0.85, own: 0.95 } as const

/** What a feed's statements may lead to: a note only, a part of the blend, or an action on its word alone. */
export type SubscriptionMode = 'notify' | 'blend' | 'enforce'

export type Subscription = {
  readonly feed: string
  /** By context; the nearest ancestor's counts where none is given, then `*`. 0 to 0.95. */
  readonly trust: Readonly<Record<string, number>>
  readonly mode: SubscriptionMode
  /** Feeds of one operator (declared, or detected by overlap) count as their average. */
  readonly operator?: string
  /** Whether the feed says what it is and what its contexts mean; if not, trust ends at 0.4. */
  readonly isDeclared: boolean
  /** Who bound an enforced feed: only what the user bound can be overridden by the user. */
  readonly boundBy?: 'user' | 'room' | 'server'
}

/** The lower bounds above which an action follows; only these may be changed. */
export type Thresholds = {
  readonly annotateConfidence: number
  readonly annotateBad: number
  readonly annotateConflict: number
  readonly blur: number
  readonly hide: number
}

export const defaultThresholds: Thresholds = {
  annotateConfidence: 0.2,
  annotateBad: 0.35,
  annotateConflict: 0.5,
  blur: 0.5,
  hide: 0.5,
}

export type Lens = {
  readonly subscriptions: readonly Subscription[]
  readonly overrides?: ReadonlyMap<EntityKey, -1 | 1>
  readonly thresholds?: Thresholds
  /** The strongest action that this lens takes by a blend: a lens that only annotates is a lens too. */
  readonly actionMax?: Action
}

const UNDECLARED_TRUST_MAX = 0.4

/** The owner's trust in a feed for a context: 0 if none is given. */
export function trustIn(subscription: Subscription, context: string): number {
  const { trust, isDeclared } = subscription
  const name = [context, ...ancestorsOf(context), '*'].find((id) => Object.hasOwn(trust, id))
  const given = name === undefined ? 0 : trust[name]!
  const most = isDeclared ? model.trustMax : UNDECLARED_TRUST_MAX
  return Number.isFinite(given) ? Math.min(Math.max(given, 0), most) : 0
}
