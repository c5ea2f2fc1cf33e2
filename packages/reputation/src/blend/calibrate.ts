/**
 * Local calibration: how often a feed agrees with the rest of what its viewer listens to. Only for contexts where being
 * right does not depend on who looks; computed by the viewer, never published.
 */

import { findContext } from '../context.ts'
import type { EntityKey } from '../entity.ts'
import { listRecords } from './blend.ts'
import type { Lens } from './lens.ts'
import { estimate } from './outcome.ts'
import type { Testimony } from './testimony.ts'

/** All that is said about one entity in one context. */
export type Cell = { readonly entity: EntityKey; readonly context: string; readonly testimonies: readonly Testimony[] }

const ITERATIONS = 3
/** Before so much has been compared, nothing is held against a feed: there is nobody who could confirm it. */
const COMPARED_MIN = 10

/** Per feed a factor on its trust, from 0.05 to 1; feeds that could not be compared are left out (1). */
export function calibrate(lens: Lens, cells: readonly Cell[], nowMs: number): Map<string, number> {
  const objective = cells.filter(({ context }) => findContext(context).isCalibrated)
  let calibration = new Map<string, number>()
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    calibration = compareAll(lens, objective, nowMs, calibration)
  }
  return calibration
}

const nothing = { good: 0, bad: 0 }

type Tally = { agree: number; disagree: number }

function compareAll(
  lens: Lens,
  cells: readonly Cell[],
  nowMs: number,
  calibration: ReadonlyMap<string, number>,
): Map<string, number> {
  const tallies = new Map<string, Tally>()
  for (const { context, testimonies } of cells) {
    const records = listRecords(lens, context, testimonies, { nowMs, calibration })
    const byFeed = Map.groupBy(records, ({ feed }) => feed)
    if (byFeed.size < 2) continue
    const whole = records.reduce((sum, { good, bad }) => ({ good: sum.good + good, bad: sum.bad + bad }), nothing)
    for (const [feed, own] of byFeed) {
      let net = 0
      let good = whole.good
      let bad = whole.bad
      for (const record of own) {
        net += record.good - record.bad
        good -= record.good
        bad -= record.bad
      }
      note(tallies, feed, net, good - bad, estimate({ good, bad }, 0.5).confidence)
    }
  }
  const factors = [...tallies].map(([feed, tally]) => [feed, factorOf(tally)] as const)
  return new Map(factors.filter((entry): entry is readonly [string, number] => entry[1] !== undefined))
}

/** Agreement with the rest, weighted by how strong the rest's opinion is. */
function note(tallies: Map<string, Tally>, feed: string, net: number, restNet: number, strength: number): void {
  if (net === 0 || Math.abs(restNet) < 1e-12) return
  const tally = tallies.get(feed) ?? { agree: 0, disagree: 0 }
  tallies.set(feed, tally)
  if (net > 0 === restNet > 0) tally.agree += strength
  else tally.disagree += strength
}

function factorOf({ agree, disagree }: Tally): number | undefined {
  if (agree + disagree < COMPARED_MIN) return undefined
  const agreement = (agree + 2) / (agree + disagree + 4)
  return Math.min(Math.max((agreement - 0.5) / 0.35, 0.05), 1)
}
