/** All durable followers of a journal: feeds them, saves their cursors, forgets what all have handled. */

import type { Clock, Logger } from '../base/index.ts'
import type { Store } from '../store/index.ts'
import { listCursors, upsertCursors } from './cursor-table.ts'
import { Follower } from './follower.ts'
import type { JournalRecord, Position } from './journal.ts'
import { journalLimits } from './limits.ts'
import { markTime, pruneJournal } from './retention.ts'

export type FollowersDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger | undefined
  readonly committed: () => Position
}

export class Followers {
  readonly #deps: FollowersDeps
  readonly #followers = new Map<string, Follower>()
  #saved = new Map<string, Position>()
  #cancelSave: (() => void) | undefined
  #cancelTidy: (() => void) | undefined
  #isStopped = false

  constructor(deps: FollowersDeps) {
    this.#deps = deps
  }

  add(name: string, handle: (records: readonly JournalRecord[]) => Promise<void>): void {
    if (this.#followers.has(name)) throw new Error(`Two followers of the journal are named ${name}.`)
    const { store, committed, logger } = this.#deps
    const onFailed = (failed: string, error: unknown): void =>
      logger?.error({ follower: failed, error }, 'a follower of the journal failed and was stopped')
    const onMoved = (): void => this.#scheduleSave()
    this.#followers.set(name, new Follower({ store, committed, onMoved, onFailed }, name, handle))
  }

  /** Records that were just committed. */
  feed(records: readonly JournalRecord[]): void {
    for (const follower of this.#followers.values()) follower.feed(records)
    this.#scheduleTidy()
  }

  async start(): Promise<void> {
    this.#saved = await listCursors(this.#deps.store)
    for (const follower of this.#followers.values()) follower.start(this.#saved.get(follower.name) ?? 0)
    this.#scheduleTidy()
  }

  /** Waits a while for what is being handled, then saves the cursors. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#cancelTidy?.()
    const ended = Promise.all([...this.#followers.values()].map((follower) => follower.stop()))
    let cancelWait = (): void => {}
    const tooLong = new Promise<void>((resolve) => {
      cancelWait = this.#deps.clock.schedule(journalLimits.stopWaitMs, resolve)
    })
    await Promise.race([ended, tooLong])
    cancelWait()
    await this.#saveMoved()
  }

  listFailed(): readonly string[] {
    return [...this.#followers.values()].filter(({ failure }) => failure !== undefined).map(({ name }) => name)
  }

  async #saveMoved(): Promise<void> {
    this.#cancelSave?.()
    this.#cancelSave = undefined
    const moved = new Map<string, Position>()
    for (const { name, cursor } of this.#followers.values()) {
      if (cursor > 0 && this.#saved.get(name) !== cursor) moved.set(name, cursor)
    }
    if (moved.size === 0) return
    await upsertCursors(this.#deps.store, moved)
    for (const [name, position] of moved) this.#saved.set(name, position)
  }

  /** Only while something happens: an idle server writes nothing. */
  #scheduleSave(): void {
    this.#cancelSave ??= this.#deps.clock.schedule(journalLimits.cursorSaveMs, () =>
      this.#inBackground(this.#saveMoved()),
    )
  }

  #scheduleTidy(): void {
    if (this.#isStopped) return
    this.#cancelTidy ??= this.#deps.clock.schedule(journalLimits.markEveryMs, () => {
      this.#cancelTidy = undefined
      this.#inBackground(this.#tidy())
    })
  }

  #inBackground(task: Promise<void>): void {
    task.catch((error: unknown) => this.#deps.logger?.warn({ error }, 'the journal could not be tidied'))
  }

  async #tidy(): Promise<void> {
    const { store, clock, committed } = this.#deps
    await markTime(store, committed(), clock.nowMs())
    const handled = Math.min(committed(), ...[...this.#followers.values()].map(({ cursor }) => cursor))
    await pruneJournal(store, handled, clock.nowMs(), () => this.#isStopped)
  }
}
