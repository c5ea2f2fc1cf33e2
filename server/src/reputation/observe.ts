/** How often lenses decided what, for metrics: never who looked, nor at whom (rule 8). */

import { type Action, actions } from '@parallax/reputation'
import type { Metrics } from '../base/index.ts'

/** Counts a decision. */
export type CountDecision = (action: Action) => void

/** For one component. */
export function createDecisionCounts(metrics: Pick<Metrics, 'counter'>): CountDecision {
  const counts = new Map<Action, number>(actions.map((action) => [action, 0]))
  metrics.counter('parallax_reputation_decisions_total', 'What lenses decided.', ['action'], () =>
    [...counts].map(([action, value]) => ({ value, labels: { action } })),
  )
  return (action) => void counts.set(action, counts.get(action)! + 1)
}
