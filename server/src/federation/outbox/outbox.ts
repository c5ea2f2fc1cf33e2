/**
 * Delivers to other servers what happens here: events are handed to the queues as soon as they are stored, and what a
 * server did not take soon is written down by a durable follower of the journal. A crash costs at most that something
 * is sent twice.
 */

import type { JournalRecord } from '../../journal/index.ts'
import { keepChangedDevices } from './changed-devices.ts'
import type { QueueStatus } from './destination-queue.ts'
import { createHandOut } from './hand-out.ts'
import { keepOwed } from './keep-owed.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import { listOwedServers, listServersOwedUsers } from './outbox-table.ts'
import { createPassing } from './passing.ts'
import { createOutboxQueues } from './queues.ts'
import { createToldCounts, type ToldCounts } from './told-counts.ts'

export interface Outbox {
  /** Takes up what was owed at the last stop. */
  resume(): void
  /** Of the servers that something waits for. */
  statuses(): readonly QueueStatus[]
  readonly told: ToldCounts
  close(): Promise<void>
}

/** Follows the journal; with federation off it does nothing. */
export function createOutbox(deps: OutboxDeps): Outbox {
  const told = createToldCounts()
  if (!deps.remote.isEnabled) return { resume: () => {}, statuses: () => [], told, close: async () => {} }
  const queues = createOutboxQueues({ ...deps, told })
  const handOut = createHandOut(deps, queues)
  const passing = createPassing(deps, queues.open)
  const waits = createWaits(deps)

  function watch(records: readonly JournalRecord[]): void {
    handOut.note(records)
    for (const { entry, position } of records) {
      if (entry.kind === 'to-server') inBackground(noteRows(entry.server, 'messages'))
      else passing.note(entry, position)
    }
  }

  async function noteRows(server: number, kind: 'events' | 'messages' | 'users'): Promise<void> {
    const queue = await queues.openNumber(server)
    queue?.noteRows(kind)
  }

  async function resume(): Promise<void> {
    for (const server of await listOwedServers(deps.store.reader)) await noteRows(server, 'events')
    for (const server of await listServersOwedUsers(deps.store.reader)) await noteRows(server, 'users')
    for (const server of await deps.devices.listWaitingServers()) await noteRows(server, 'messages')
  }

  function inBackground(task: Promise<void>): void {
    task.catch((error: unknown) => deps.logger.error({ err: error }, 'what is owed to other servers was not read'))
  }

  const unwatch = deps.journal.watch(watch)
  deps.journal.follow('outbox', (records) => keepOwed({ ...deps, handOut, queues, wait: waits.wait }, records))
  deps.journal.follow('outbox-devices', (records) => keepChangedDevices({ ...deps, queues }, records))
  deps.remote.destinations.onRecovered(queues.wake)
  return {
    resume: () => inBackground(resume()),
    statuses: queues.statuses,
    told,
    async close() {
      unwatch()
      const ended = handOut.close()
      waits.close()
      await Promise.all([ended, passing.close()])
      await queues.close()
    },
  }
}

/** Waits that end when the outbox is closed. */
function createWaits({ clock }: OutboxDeps) {
  const ends = new Set<() => void>()
  let isClosed = false
  return {
    wait: (ms: number): Promise<void> =>
      new Promise((resolve) => {
        if (isClosed) return resolve()
        const end = (): void => {
          cancel()
          ends.delete(end)
          resolve()
        }
        const cancel = clock.schedule(ms, end)
        ends.add(end)
      }),
    close() {
      isClosed = true
      for (const end of ends) end()
    },
  }
}
