/** The journal in the store's own database, for one process. */

import { type Clock, createSystemClock, type Logger } from '../base/index.ts'
import type { Store } from '../store/index.ts'
import { createFollower, type Follower } from './follower.ts'
import type { Journal, JournalRecord, Position } from './journal.ts'
import { journalLimits } from './limits.ts'
import { createPositionCounter } from './position-counter.ts'
import { markTime, pruneJournal } from './retention.ts'
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

async function loadCursors(store: Store): Promise<Map<string, Position>> {
  const rows = await store.reader.all<{ name: string; position: number }>`SELECT name, position FROM journal_cursor`
  return new Map(rows.map(({ name, position }) => [name, position]))
}

async function saveCursors(store: Store, moved: readonly (readonly [string, Position])[]): Promise<void> {
  await store.transact((tx) => {
    for (const [name, position] of moved) {
      tx.run`INSERT INTO journal_cursor (name, position) VALUES (${name}, ${position})
        ON CONFLICT (name) DO UPDATE SET position = excluded.position`
    }
  })
}

/** Opens the journal of this store: one per store, for it counts the positions in memory. */
export async function createJournal(store: Store, options: JournalOptions = {}): Promise<EmbeddedJournal> {
  const clock = options.clock ?? createSystemClock()
  const positions = await createPositionCounter(store)
  const watchers = new Set<Watcher>()
  const followers = new Map<string, Follower>()
  const saved = new Map<string, Position>()
  let cancelSave: (() => void) | undefined
  let cancelMark: (() => void) | undefined
  let isStopped = false

  const sequencer = createSequencer(positions.last(), (records, stored) => {
    for (const watcher of watchers) {
      try {
        watcher(records)
      } catch (error) {
        options.logger?.error({ error }, 'a watcher of the journal threw')
      }
    }
    if (stored.length > 0) for (const follower of followers.values()) follower.feed(stored)
    scheduleMark()
  })

  async function saveMoved(): Promise<void> {
    cancelSave?.()
    cancelSave = undefined
    const moved = [...followers.values()]
      .map((follower) => [follower.name, follower.cursor()] as const)
      .filter(([name, position]) => saved.get(name) !== position)
    if (moved.length === 0) return
    await saveCursors(store, moved)
    for (const [name, position] of moved) saved.set(name, position)
  }

  function inBackground(task: Promise<void>): void {
    task.catch((error: unknown) => options.logger?.warn({ error }, 'the journal could not be tidied'))
  }

  function scheduleSave(): void {
    cancelSave ??= clock.schedule(journalLimits.cursorSaveMs, () => inBackground(saveMoved()))
  }

  /** Only while something happens: an idle server writes nothing. */
  function scheduleMark(): void {
    if (isStopped) return
    cancelMark ??= clock.schedule(journalLimits.markEveryMs, () => {
      cancelMark = undefined
      inBackground(tidy())
    })
  }

  async function tidy(): Promise<void> {
    await markTime(store, sequencer.committed(), clock.nowMs())
    const handled = Math.min(sequencer.committed(), ...[...followers.values()].map((follower) => follower.cursor()))
    await pruneJournal(store, handled, clock.nowMs(), () => isStopped)
  }

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
    committed: sequencer.committed,
    watch(watcher) {
      watchers.add(watcher)
      return () => watchers.delete(watcher)
    },
    follow(name, handle) {
      if (followers.has(name)) throw new Error(`Two followers of the journal are named ${name}.`)
      const onFailed = (failed: string, error: unknown): void =>
        options.logger?.error({ follower: failed, error }, 'a follower of the journal failed and was stopped')
      const deps = { store, committed: sequencer.committed, onMoved: scheduleSave, onFailed }
      followers.set(name, createFollower(deps, name, handle))
    },
    async start() {
      const cursors = await loadCursors(store)
      for (const follower of followers.values()) {
        const cursor = cursors.get(follower.name)
        if (cursor !== undefined) saved.set(follower.name, cursor)
        follower.start(cursor ?? 0)
      }
      scheduleMark()
    },
    async stop() {
      isStopped = true
      cancelMark?.()
      const ended = Promise.all([...followers.values()].map((follower) => follower.stop()))
      let cancelWait = (): void => {}
      const tooLong = new Promise<void>((resolve) => {
        cancelWait = clock.schedule(journalLimits.stopWaitMs, resolve)
      })
      await Promise.race([ended, tooLong])
      cancelWait()
      await saveMoved()
    },
    failedFollowers: () => [...followers.values()].filter((one) => one.failure() !== undefined).map(({ name }) => name),
  }
}
