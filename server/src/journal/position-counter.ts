/**
 * Positions: a counter in memory below a mark that is reserved in the store, so that it never goes back after a crash,
 * not even for positions that were never stored.
 */

import { type Store, StoreError } from '../store/index.ts'
import type { Position } from './journal.ts'
import { journalLimits } from './limits.ts'

export type PositionCounter = {
  /** The next position; unique, greater than all before. */
  take(): Position
  /** The last position taken, or that of the last run. */
  last(): Position
}

/** The counter of this store, above all that was ever taken. */
export async function createPositionCounter(store: Store): Promise<PositionCounter> {
  const reserve = await store.reader.first<{ reserved: number }>`SELECT reserved FROM position_reserve WHERE id = 1`
  const newest = await store.reader.first<{ newest: number | null }>`SELECT MAX(position) AS newest FROM journal`
  let last = Math.max(reserve?.reserved ?? 0, newest?.newest ?? 0)
  let reserved = last
  let isReserving = false

  async function reserveMore(): Promise<void> {
    isReserving = true
    const upTo = last + journalLimits.reserveBlock
    try {
      await store.transact((tx) => {
        tx.run`INSERT INTO position_reserve (id, reserved) VALUES (1, ${upTo})
          ON CONFLICT (id) DO UPDATE SET reserved = excluded.reserved`
      })
      reserved = upTo
    } finally {
      isReserving = false
    }
  }
  await reserveMore()

  return {
    last: () => last,
    take() {
      if (last >= reserved) throw new StoreError('busy', 'The store does not reserve positions fast enough.')
      last++
      if (reserved - last < journalLimits.reserveBlock / 2 && !isReserving) {
        reserveMore().catch(() => {}) // tried again with the next position; a lost store is told to everyone else
      }
      return last
    },
  }
}
