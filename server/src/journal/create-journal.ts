/** The journal in the store's own database, for one process. */

import { type Clock, createSystemClock, type Logger } from '../base/index.ts'
import type { Store } from '../store/index.ts'
import { Followers } from './followers.ts'
import type { Journal, JournalRecord } from './journal.ts'
import { createPositionCounter } from './position-counter.ts'
import { createSequencer } from './sequencer.ts'

export type JournalOptions = {
  readonly clock?: Clock
  readonly logger?: Logger
}

export interface EmbeddedJournal extends Journal {
  /** Followers that stopped because they failed, for the health check. */
  failedFollowers(): readonly string[]
}

type Watcher = (records: readonly JournalRecord[]) => void

/** Opens the journal of this store: one per store, for it counts the positions in memory. */
export async function createJournal(store: Store, options: JournalOptions = {}): Promise<EmbeddedJournal> {
  const clock = options.clock ?? createSystemClock()
  const positions = await createPositionCounter(store)
  const watchers = new Set<Watcher>()

  function tellWatchers(records: readonly JournalRecord[]): void {
    for (const watcher of watchers) {
      try {
        watcher(records)
      } catch (error) {
        options.logger?.error({ error }, 'a watcher of the journal threw')
      }
    }
  }

  const sequencer = createSequencer(positions.last(), (records, stored) => {
    tellWatchers(records)
    if (stored.length > 0) followers.feed(stored)
  })
  const { committed } = sequencer
  const followers = new Followers({ store, clock, logger: options.logger, committed })

  return {
    append(tx, entry) {
      const position = positions.take()
      const place = sequencer.open(position, entry, true)
      tx.run`INSERT INTO journal (position, entry) VALUES (${position}, ${JSON.stringify(entry)})`
      tx.onCommitted(place.commit)
      tx.onUndone(place.undo)
      return position
    },
    announce(entry) {
      const position = positions.take()
      sequencer.open(position, entry, false).commit()
      return position
    },
    takeNumber() {
      const position = positions.take()
      sequencer.open(position, undefined, false).commit()
      return position
    },
    committed,
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    follow: (name, handle) => followers.add(name, handle),
    start: () => followers.start(),
    stop: () => followers.stop(),
    failedFollowers: () => followers.listFailed(),
  }
}
