/** The line in front of each room: what waits for a room's turn, and how many may wait. */

import { isPolicyEvent } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { StoreError } from '../store/index.ts'
import type { Sent } from './rooms.ts'
import { runTurn, type Submission, type TurnDeps, type Waiting } from './run-turn.ts'

export interface Turns {
  submit(room: number, submission: Submission): Promise<Sent[]>
}

/** Submissions that one turn takes at most; the rest waits for the next. */
const TURN_MAX = 100
/** Submissions that may wait for one room. */
const WAITING_MAX = 10_000
/** How often a turn begins anew because the room was changed behind its back. */
const ATTEMPTS_MAX = 3

export function createTurns(deps: TurnDeps): Turns {
  const waiting = new Map<number, Waiting[]>()
  const drain = async (room: number): Promise<void> => {
    const line = waiting.get(room)
    if (line === undefined) return
    const batch = line.splice(0, countForTurn(line))
    if (line.length === 0) waiting.delete(room)
    if (batch.length === 0) return
    try {
      await runWhole(deps, room, batch)
    } catch (error) {
      for (const one of batch) one.reject(error)
    }
  }
  return {
    submit(room, submission) {
      return new Promise((resolve, reject) => {
        const line = waiting.get(room) ?? []
        if (line.length >= WAITING_MAX) {
          reject(new MatrixError('M_LIMIT_EXCEEDED', 'Too many events wait for this room.', { retry_after_ms: 1000 }))
          return
        }
        line.push({ ...submission, resolve, reject })
        waiting.set(room, line)
        void deps.queue.run(room, () => drain(room))
      })
    },
  }
}

/** A turn ends with what names the room's policy server: the next one asks that. */
function countForTurn(line: readonly Waiting[]): number {
  const last = line.slice(0, TURN_MAX).findIndex(({ drafts }) => drafts.some(isPolicyEvent))
  return last < 0 ? TURN_MAX : last + 1
}

/** A turn that found an old head stored nothing and answered nobody: it is run again on the new one. */
async function runWhole(deps: TurnDeps, room: number, batch: readonly Waiting[]): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await runTurn(deps, room, batch)
      return
    } catch (error) {
      const isOutdated = error instanceof StoreError && error.kind === 'conflict'
      if (!isOutdated || attempt >= ATTEMPTS_MAX) throw error
    }
  }
}
