/** Tells when the index has come up to what clients have seen happen, so that a search lacks nothing of it. */

import type { Clock } from '../base/index.ts'
import type { Journal, JournalRecord } from '../journal/index.ts'
import { searchLimits } from './limits.ts'

export interface Settled {
  /** The follower has handled these. */
  onHandled(records: readonly JournalRecord[]): void
  /** Resolves when all that happened until now is handled, or after a while. */
  wait(): Promise<void>
}

/** Whether the directory may have to learn of it: not of messages. */
export function isOfDirectory({ entry }: JournalRecord): boolean {
  if (entry.kind === 'event') return entry.slot !== undefined
  return entry.kind === 'membership' || entry.kind === 'profile'
}

export function createSettled(journal: Pick<Journal, 'watch'>, clock: Clock): Settled {
  const waiting = new Map<() => void, number>()
  let seen = 0
  let handled = 0
  journal.watch((records) => {
    const last = records.findLast(isOfDirectory)
    if (last !== undefined) seen = last.position
  })
  return {
    onHandled(records) {
      handled = records.at(-1)?.position ?? handled
      for (const [resolve, position] of waiting) if (position <= handled) resolve()
    },
    async wait() {
      if (handled >= seen) return
      await new Promise<void>((resolve) => {
        const end = () => {
          cancel()
          waiting.delete(end)
          resolve()
        }
        const cancel = clock.schedule(searchLimits.settleWaitMs, end)
        waiting.set(end, seen)
      })
    },
  }
}
