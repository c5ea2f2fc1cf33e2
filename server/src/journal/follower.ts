/**
 * A durable follower: reads the table from its cursor on, then is fed from memory. If it falls behind what memory may
 * hold it goes back to the table.
 */

import type { Store } from '../store/index.ts'
import type { JournalEntry, JournalRecord, Position } from './journal.ts'
import { journalLimits } from './limits.ts'

export type Follower = {
  readonly name: string
  /** Everything up to here was handled. */
  cursor(): Position
  /** Stored records, right after their commit. */
  feed(records: readonly JournalRecord[]): void
  /** Begins after `cursor`. */
  start(cursor: Position): void
  /** Resolves when the batch that is being handled has ended; no other follows. */
  stop(): Promise<void>
  /** Why it stopped by itself, if it did. */
  failure(): unknown
}

export type FollowerDeps = {
  readonly store: Store
  readonly committed: () => Position
  readonly onMoved: () => void
  readonly onFailed: (name: string, error: unknown) => void
}

/** The stored records above `after` up to `upTo`, at most a batch. */
async function listRecords(store: Store, after: Position, upTo: Position): Promise<JournalRecord[]> {
  const rows = await store.reader.all<{ position: number; entry: string }>`
    SELECT position, entry FROM journal WHERE position > ${after} AND position <= ${upTo}
    ORDER BY position LIMIT ${journalLimits.batchMax}`
  return rows.map(({ position, entry }) => ({ position, entry: JSON.parse(entry) as JournalEntry }))
}

/** A follower that hands batches to `handle`, one after another. */
export function createFollower(
  deps: FollowerDeps,
  name: string,
  handle: (records: readonly JournalRecord[]) => Promise<void>,
): Follower {
  let cursor: Position = 0
  let queue: JournalRecord[] = []
  /** True while `queue` gets every new record; false if the table must be read first. */
  let isFed = false
  let isStopped = true
  let running: Promise<void> | undefined
  let failure: unknown

  function moveTo(position: Position): void {
    if (position <= cursor) return
    cursor = position
    deps.onMoved()
  }

  /** Reads the table up to what is committed now, while new records already gather in the queue. */
  async function catchUp(): Promise<void> {
    const target = deps.committed()
    isFed = true
    while (!isStopped && cursor < target) {
      const records = await listRecords(deps.store, cursor, target)
      if (records.length > 0) await handle(records)
      moveTo(records.length < journalLimits.batchMax ? target : records.at(-1)!.position)
    }
  }

  async function drain(): Promise<void> {
    while (!isStopped) {
      if (!isFed) await catchUp()
      else if (queue.length > 0) {
        const batch = queue.splice(0, journalLimits.batchMax)
        await handle(batch)
        moveTo(batch.at(-1)!.position)
      } else return
    }
  }

  function wake(): void {
    if (running !== undefined || isStopped) return
    running = drain()
      .catch((error: unknown) => {
        failure = error
        isStopped = true
        queue = []
        deps.onFailed(name, error)
      })
      .finally(() => {
        running = undefined
        if (queue.length > 0) wake()
      })
  }

  return {
    name,
    cursor: () => cursor,
    failure: () => failure,
    feed(records) {
      if (isStopped) return
      if (isFed) {
        if (queue.length + records.length > journalLimits.followerQueueMax) {
          queue = []
          isFed = false
        } else for (const record of records) queue.push(record)
      }
      wake()
    },
    start(from) {
      cursor = from
      isStopped = false
      wake()
    },
    async stop() {
      isStopped = true
      await running
    },
  }
}
