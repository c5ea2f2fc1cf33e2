/** What the feeds of a lens show of one another, as those who look through it know it. */

import type { Lens } from '@parallax/reputation'
import type { SourceRow } from './source-table.ts'

export type Weights = {
  /** By feed, from 0.05 to 1; those that could not be compared are left out. */
  readonly calibration: ReadonlyMap<string, number>
  /** By feed that repeats or is repeated, the name of its group. */
  readonly copies: ReadonlyMap<string, string>
}

export interface FeedWeights {
  find(lens: Lens, followed: WeighedSources): Promise<Weights>
}

export type WeighedSources = { readonly sources: readonly SourceRow[] }
