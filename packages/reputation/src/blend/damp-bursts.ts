/**
 * The burst damper: a feed that suddenly lists far more than it used to is believed less for a day, whether it was
 * taken over or met a wave of spam; in the second case others list the same.
 */

import { DAY_MS } from '../limits.ts'

const ALLOWANCE_MIN = 50
const ALLOWANCE_FACTOR = 5
const TRAILING_DAYS = 7
/** The factor on the confidence of a damped statement. */
export const DAMPED = 0.25

/**
 * For each arrival (ascending, by the receiver's clock) the time until which it is damped, 0 if it is not. A statement
 * is damped for 24 hours when it exceeds max(50, five times the daily median of the seven days before) within 24 hours.
 */
export function dampBursts(arrivalsMs: readonly number[]): number[] {
  const dampedUntil: number[] = []
  let dayStart = 0
  for (const [index, atMs] of arrivalsMs.entries()) {
    while (arrivalsMs[dayStart]! <= atMs - DAY_MS) dayStart++
    const inDay = index - dayStart + 1
    const isBurst = inDay > ALLOWANCE_MIN && inDay > ALLOWANCE_FACTOR * dailyMedian(arrivalsMs, atMs - DAY_MS)
    dampedUntil.push(isBurst ? atMs + DAY_MS : 0)
  }
  return dampedUntil
}

/** The median of the counts of the seven days that end at `endMs`. */
function dailyMedian(arrivalsMs: readonly number[], endMs: number): number {
  const counts: number[] = []
  for (let day = 0; day < TRAILING_DAYS; day++) {
    const end = endMs - day * DAY_MS
    counts.push(countUpTo(arrivalsMs, end) - countUpTo(arrivalsMs, end - DAY_MS))
  }
  return counts.sort((left, right) => left - right)[(TRAILING_DAYS - 1) / 2]!
}

function countUpTo(arrivalsMs: readonly number[], atMs: number): number {
  let low = 0
  let high = arrivalsMs.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (arrivalsMs[middle]! <= atMs) low = middle + 1
    else high = middle
  }
  return low
}
