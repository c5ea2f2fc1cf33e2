/** Hands new events to the queues of the servers that are to be told, in order, right after they were stored. */

import type { JournalRecord, Position } from '../../journal/index.ts'
import { outboxLimits } from './limits.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import { groupByServer, listOwedEvents, type Owed } from './owed.ts'
import type { OutboxQueues } from './queues.ts'

export interface HandOut {
  /** Called with all records, in order. */
  note(records: readonly JournalRecord[]): void
  /** What was handed out from one position to another, waiting for it if that is under way; undefined: not all was. */
  takeHanded(from: Position, upTo: Position): Promise<readonly Owed[] | undefined>
  /** No more records come; resolves when all that did are handed out. */
  close(): Promise<void>
}

type Join = { readonly room: number; readonly position: Position; readonly user: number }

export function createHandOut(deps: OutboxDeps, queues: OutboxQueues): HandOut {
  let pending: JournalRecord[] = []
  let running: { readonly from: Position; readonly ended: Promise<void> } | undefined
  let joins: Join[] = []
  let handed: Owed[] = []
  /** Up to here something was not handed out: it happened before, was too much, or failed. */
  let missedUpTo = deps.journal.committed()
  let closedAt = Number.POSITIVE_INFINITY

  function start(): void {
    if (running !== undefined || pending.length === 0) return
    const records = pending
    pending = []
    const ended = handRecords(records).finally(() => {
      running = undefined
      start()
    })
    running = { from: records[0]!.position, ended }
  }

  async function handRecords(records: readonly JournalRecord[]): Promise<void> {
    const upTo = records.at(-1)!.position
    try {
      const owed = await listOwedEvents(deps, records, groupByRoom(joins))
      await give(owed)
      for (const one of owed) handed.push(one)
    } catch (error) {
      deps.logger.warn({ err: error }, 'events were not handed to the queues of other servers')
      missedUpTo = upTo
    }
    joins = joins.filter(({ position }) => position > upTo)
    if (handed.length <= outboxLimits.recordsMax) return
    missedUpTo = handed.at(-1)!.position
    handed = []
  }

  async function give(owed: readonly Owed[]): Promise<void> {
    const byServer = groupByServer(owed)
    const opened = await Promise.all([...byServer.keys()].map(queues.open))
    for (const queue of opened) queue.addEvents(byServer.get(queue.server)!)
  }

  return {
    note(records) {
      for (const record of records) {
        const { entry, position } = record
        if (entry.kind === 'event') pending.push(record)
        else if (entry.kind === 'membership' && entry.membership === 'join')
          joins.push({ room: entry.room, user: entry.user, position })
      }
      if (pending.length > outboxLimits.recordsMax) {
        missedUpTo = pending.at(-1)!.position
        pending = []
      }
      if (pending.length === 0 && running === undefined) joins = []
      start()
    },
    async takeHanded(from, upTo) {
      while (running !== undefined && running.from <= upTo) await running.ended
      const count = handed.findIndex(({ position }) => position > upTo)
      const taken = handed.splice(0, count < 0 ? handed.length : count)
      return from <= missedUpTo || upTo > closedAt ? undefined : taken
    },
    async close() {
      closedAt = deps.journal.committed()
      while (running !== undefined) await running.ended
    },
  }
}

function groupByRoom(joins: readonly Join[]): ReadonlyMap<number, readonly Join[]> {
  return Map.groupBy(joins, ({ room }) => room)
}
