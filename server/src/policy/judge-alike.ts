/** The decision of the config: the same for every event. */

import type { JudgeEvent } from './policy.ts'

/** Allows all events or refuses all. */
export function judgeAlike(decision: 'allow' | 'refuse'): JudgeEvent {
  if (decision === 'allow') return () => ({ kind: 'allow' })
  return () => ({ kind: 'refuse', harms: [], reason: 'This policy server lets nothing be said at the moment.' })
}
