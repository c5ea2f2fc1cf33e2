/** Forgets entries that every follower has handled and that are older than an hour. */

import type { Store } from '../store/index.ts'
import type { Position } from './journal.ts'
import { journalLimits } from './limits.ts'

/** Notes that everything up to `position` is at least as old as `nowMs`. */
export async function markTime(store: Store, position: Position, nowMs: number): Promise<void> {
  await store.transact((tx) => {
    tx.run`INSERT INTO journal_mark (position, at_ms) VALUES (${position}, ${nowMs})
      ON CONFLICT (position) DO NOTHING`
  })
}

/** Deletes old entries up to `handled`, a bounded number per transaction, until none is left or `isStopped`. */
export async function pruneJournal(
  store: Store,
  handled: Position,
  nowMs: number,
  isStopped: () => boolean,
): Promise<void> {
  const before = nowMs - journalLimits.keepMs
  const mark = await store.reader.first<{ position: number | null }>`
    SELECT MAX(position) AS position FROM journal_mark WHERE at_ms <= ${before}`
  if (mark?.position == null) return
  const upTo = Math.min(mark.position, handled)
  while (!isStopped()) {
    const removed = await store.transact(
      (tx) => tx.returning<{ position: number }>`
        DELETE FROM journal WHERE position IN
          (SELECT position FROM journal WHERE position <= ${upTo} ORDER BY position LIMIT ${journalLimits.pruneBatch})
        RETURNING position`,
    )
    if (removed.rows.length < journalLimits.pruneBatch) break
  }
  await store.transact((tx) => {
    tx.run`DELETE FROM journal_mark WHERE position <= ${upTo} AND position < ${mark.position}`
    if (upTo === mark.position) tx.run`DELETE FROM journal_mark WHERE position <= ${upTo}`
  })
}
