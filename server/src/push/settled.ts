/** Tells when the follower has come up to what clients have seen happen, so that a list lacks nothing of it. */

import type { Clock } from '../base/index.ts'
import type { Journal, JournalRecord } from '../journal/index.ts'
import { notificationLimits } from './limits.ts'

export interface Settled {
  /** The follower has handled these. */
  onHandled(records: readonly JournalRecord[]): void
  /** Resolves when all events of now are handled, or after a while. */
  wait(): Promise<void>
}

export function createSettled(journal: Pick<Journal, 'watch'>, clock: Clock): Settled {
  const waiting = new Map<() => void, number>()
  let seen = 0
  let handled = 0
  journal.watch((records) => {
    for (let index = records.length - 1; index >= 0; index--) {
      if (records[index]!.entry.kind !== 'event') continue
      seen = records[index]!.position
      return
    }
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
        const cancel = clock.schedule(notificationLimits.listWaitMs, end)
        waiting.set(end, seen)
      })
    },
  }
}
