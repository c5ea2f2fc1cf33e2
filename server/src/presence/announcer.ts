/** Finds out who changed and tells it: together, not too often, and what must survive a restart after it is stored. */

import type { Clock, Logger } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Store } from '../store/index.ts'
import { createDue } from './due.ts'
import { presenceLimits } from './limits.ts'
import { dropGone, isNews, isUnstored, type Judgement, judge, type Person } from './person.ts'
import { listRows, type PresenceRow, upsertRow } from './presence-table.ts'
import type { People } from './told.ts'

export interface Announcer {
  /** The user may have changed: tells it soon. */
  look(user: number): void
  /** The person may change later. */
  lookAgain(person: Person): void
  /** Writes when those who are online were last active. */
  close(): Promise<void>
}

type AnnouncerDeps = {
  readonly store: Store
  readonly journal: Journal
  readonly clock: Clock
  readonly logger: Logger
  readonly people: People
}

type Change = { readonly person: Person; readonly judgement: Judgement }

export function createAnnouncer(deps: AnnouncerDeps): Announcer {
  const { journal, clock, logger, people } = deps
  const dirty = new Set<number>()
  const due = createDue(clock, (users) => {
    for (const user of users) dirty.add(user)
    scheduleTelling()
  })
  let toldAtMs = 0
  let isBusy = false
  let isClosed = false
  let cancel: (() => void) | undefined

  function scheduleTelling(): void {
    if (isBusy || isClosed || cancel !== undefined || dirty.size === 0) return
    const waitMs = Math.max(0, toldAtMs + presenceLimits.tellEveryMs - clock.nowMs())
    cancel = clock.schedule(Math.min(waitMs, presenceLimits.tellEveryMs), () => {
      cancel = undefined
      isBusy = true
      tellNext()
        .catch((error: unknown) => logger.warn({ err: error }, 'presence could not be stored'))
        .finally(() => {
          isBusy = false
          scheduleTelling()
        })
    })
  }

  async function tellNext(): Promise<void> {
    toldAtMs = clock.nowMs()
    const users = [...dirty].slice(0, presenceLimits.toldAtOnceMax)
    for (const user of users) dirty.delete(user)
    const found = users.map((user) => people.get(user)).filter((person) => person !== undefined)
    try {
      await loadStored(deps, found)
      const changes = found.map((person) => ({ person, judgement: judge(person, clock.nowMs()) }))
      await store(deps, changes)
      for (const change of changes) tell(change)
    } catch (error) {
      // Nobody was told: the next change tries again.
      for (const { user } of found) due.add(user, clock.nowMs() + presenceLimits.dueGrainMs)
      throw error
    }
  }

  function tell({ person, judgement }: Change): void {
    const { state, isCurrentlyActive, untilMs } = judgement
    if (isClosed || people.get(person.user) !== person) return
    if (isNews(person, judgement)) {
      const { user, statusMessage, lastActiveMs } = person
      const position = journal.announce({ kind: 'presence', user })
      person.told = { user, state, isCurrentlyActive, statusMessage, lastActiveMs, position }
      people.noteTold(person)
    }
    dropGone(person, clock.nowMs())
    due.add(person.user, untilMs)
  }

  return {
    look(user) {
      dirty.add(user)
      scheduleTelling()
    },
    lookAgain: (person) => due.add(person.user, judge(person, clock.nowMs()).untilMs),
    async close() {
      isClosed = true
      cancel?.()
      due.close()
      await flush(deps)
    },
  }
}

/** What the store knows of those who are new in memory. */
async function loadStored({ store }: AnnouncerDeps, found: readonly Person[]): Promise<void> {
  const unknown = found.filter((person) => person.stored === undefined)
  if (unknown.length === 0) return
  const users = unknown.map((person) => person.user)
  const rows = new Map((await listRows(store.reader, users)).map((row) => [row.user, row]))
  for (const person of unknown) {
    const row = rows.get(person.user)
    person.stored = { isOnline: row?.isOnline ?? false, statusMessage: row?.statusMessage }
    if (!person.isMessageSet) person.statusMessage = row?.statusMessage
    person.lastActiveMs ??= row?.lastActiveMs
  }
}

async function store({ store }: AnnouncerDeps, changes: readonly Change[]): Promise<void> {
  const unstored = changes.filter(({ person, judgement }) => isUnstored(person, judgement))
  if (unstored.length === 0) return
  const rows = unstored.map(({ person, judgement }) => rowOf(person, judgement.state !== 'offline'))
  await store.transact((tx) => {
    for (const row of rows) upsertRow(tx, row)
  })
  unstored.forEach(({ person }, index) => {
    const { isOnline, statusMessage } = rows[index]!
    person.stored = { isOnline, statusMessage }
  })
}

function rowOf({ user, lastActiveMs, statusMessage }: Person, isOnline: boolean): PresenceRow {
  return { user, isOnline, lastActiveMs, statusMessage }
}

async function flush({ store, people }: AnnouncerDeps): Promise<void> {
  const rows = [...people.values()]
    .filter(({ stored, told }) => stored?.isOnline && told.state !== 'offline')
    .map((person) => rowOf(person, true))
  for (let at = 0; at < rows.length; at += presenceLimits.flushBatch) {
    await store.transact((tx) => {
      for (const row of rows.slice(at, at + presenceLimits.flushBatch)) upsertRow(tx, row)
    })
  }
}
