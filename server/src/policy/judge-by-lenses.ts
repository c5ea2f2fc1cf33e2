/** The decision of a policy server by reputation: what the lens of the server or the room refuses is not signed. */

import { MatrixError } from '../base/index.ts'
import type { Reputation } from '../reputation/index.ts'
import type { Names } from '../store/index.ts'
import type { JudgeEvent } from './policy.ts'

export type LensJudgeDeps = {
  readonly names: Pick<Names, 'find'>
  readonly reputation: Pick<Reputation, 'requireSafe' | 'requireSafeInRoom'>
}

/** Asks `first`; then the lenses, of whatever is no state: that is never kept back. */
export function judgeByLenses({ names, reputation }: LensJudgeDeps, first: JudgeEvent): JudgeEvent {
  return async (question) => {
    const decision = await first(question)
    const { sender, roomId, stateKey } = question.event
    if (decision.kind === 'refuse' || stateKey !== undefined) return decision
    try {
      await reputation.requireSafe({ sender, roomId })
      const [room] = await names.find([roomId])
      if (room !== undefined) await reputation.requireSafeInRoom(room, { sender, roomId })
      return decision
    } catch (error) {
      if (!(error instanceof MatrixError) || error.errcode !== 'M_SAFETY') throw error
      const { harms } = error.fields
      const named = Array.isArray(harms) ? harms.filter((harm) => typeof harm === 'string') : []
      return { kind: 'refuse', harms: named, reason: error.message }
    }
  }
}
