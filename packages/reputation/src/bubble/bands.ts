/** How a bubble index reads, how it moves, and when to say so. */

import { DAY_MS } from '../limits.ts'

/** Below 15, to 40, above. */
export const bubbleBands = ['open', 'filtered', 'one-view'] as const
export type BubbleBand = (typeof bubbleBands)[number]

/** The band of a bubble index. */
export function bandOf(index: number): BubbleBand {
  if (index < 15) return 'open'
  return index <= 40 ? 'filtered' : 'one-view'
}

const DRIFT_MS = 28 * DAY_MS
const WARN_EVERY_MS = 7 * DAY_MS

/** Where a metric drifts: its exponentially weighted mean over four weeks, given the one `elapsedMs` ago. */
export function followDrift(before: number | undefined, value: number, elapsedMs: number): number {
  if (before === undefined) return value
  return value + (before - value) * Math.exp(-Math.max(0, elapsedMs) / DRIFT_MS)
}

/** Whether to warn: the index rose into another band, and nothing was said for a week. */
export function isWarningDue(before: BubbleBand, index: number, lastWarnedMs: number | undefined, nowMs: number) {
  const isUp = bubbleBands.indexOf(bandOf(index)) > bubbleBands.indexOf(before)
  return isUp && (lastWarnedMs === undefined || nowMs - lastWarnedMs >= WARN_EVERY_MS)
}
