/** Who waits for the whole state of a room. */

import { type Clock, MatrixError } from '../../base/index.ts'

/** How long a request waits for it, ms. */
const WAIT_MS = 60_000

export interface Completions {
  /**
   * Resolves when the room is told to be whole, or `isPartial` says so. Throws MatrixError M_UNKNOWN (status 504) after
   * a while.
   */
  wait(room: number, isPartial: () => Promise<boolean>): Promise<void>
  tell(room: number): void
}

export function createCompletions({ clock }: { readonly clock: Clock }): Completions {
  const waiting = new Map<number, Set<() => void>>()
  return {
    wait(room, isPartial) {
      return new Promise((resolve, reject) => {
        const others = waiting.get(room) ?? new Set()
        waiting.set(room, others)
        const cancel = clock.schedule(WAIT_MS, () => {
          others.delete(wake)
          if (others.size === 0) waiting.delete(room)
          reject(new MatrixError('M_UNKNOWN', 'The members of this room are still being fetched.', {}, 504))
        })
        const wake = (): void => {
          cancel()
          others.delete(wake)
          resolve()
        }
        others.add(wake)
        // It may have become whole just before.
        isPartial().then((is) => is || wake(), reject)
      })
    },
    tell(room) {
      const others = waiting.get(room)
      waiting.delete(room)
      for (const wake of others ?? []) wake()
    },
  }
}
