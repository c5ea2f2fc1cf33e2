/**
 * A durable follower: reads the table from its cursor on, then is fed from memory. If it falls behind what memory may
 * hold it goes back to the table.
 */

import type { Store } from '../store/index.ts'
import type { JournalEntry, JournalRecord, Position } from './journal.ts'
import { journalLimits } from './limits.ts'

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
export class Follower {
  readonly name: string
  readonly #deps: FollowerDeps
  readonly #handle: (records: readonly JournalRecord[]) => Promise<void>
  #cursor: Position = 0
  #queue: JournalRecord[] = []
  /** True while the queue gets every new record; false if the table must be read first. */
  #isFed = false
  #isStopped = true
  #running: Promise<void> | undefined
  #failure: unknown

  constructor(deps: FollowerDeps, name: string, handle: (records: readonly JournalRecord[]) => Promise<void>) {
    this.name = name
    this.#deps = deps
    this.#handle = handle
  }

  /** Everything up to here was handled. */
  get cursor(): Position {
    return this.#cursor
  }

  /** Why it stopped by itself, if it did. */
  get failure(): unknown {
    return this.#failure
  }

  /** Begins after `cursor`. */
  start(cursor: Position): void {
    this.#cursor = cursor
    this.#isStopped = false
    this.#wake()
  }

  /** Takes stored records, right after their commit. */
  feed(records: readonly JournalRecord[]): void {
    if (this.#isStopped) return
    if (this.#isFed) {
      if (this.#queue.length + records.length > journalLimits.followerQueueMax) {
        this.#queue = []
        this.#isFed = false
      } else for (const record of records) this.#queue.push(record)
    }
    this.#wake()
  }

  /** Resolves when the batch that is being handled has ended; no other follows. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  #wake(): void {
    if (this.#running !== undefined || this.#isStopped) return
    this.#running = this.#drain()
      .catch((error: unknown) => {
        this.#failure = error
        this.#isStopped = true
        this.#queue = []
        this.#deps.onFailed(this.name, error)
      })
      .finally(() => {
        this.#running = undefined
        if (this.#queue.length > 0 || !this.#isFed) this.#wake()
      })
  }

  async #drain(): Promise<void> {
    while (!this.#isStopped) {
      if (!this.#isFed) await this.#catchUp()
      else if (this.#queue.length > 0) {
        const batch = this.#queue.splice(0, journalLimits.batchMax)
        await this.#handle(batch)
        this.#moveTo(batch.at(-1)!.position)
      } else return
    }
  }

  /** Reads the table up to what is committed now, while new records already gather in the queue. */
  async #catchUp(): Promise<void> {
    const target = this.#deps.committed()
    this.#isFed = true
    while (!this.#isStopped && this.#cursor < target) {
      const records = await listRecords(this.#deps.store, this.#cursor, target)
      if (records.length > 0) await this.#handle(records)
      this.#moveTo(records.length < journalLimits.batchMax ? target : records.at(-1)!.position)
    }
  }

  #moveTo(position: Position): void {
    if (position <= this.#cursor) return
    this.#cursor = position
    this.#deps.onMoved()
  }
}
