/**
 * The durable side of the outbox: a follower of the journal that writes down what servers were not told soon after it
 * happened. Most are told sooner, and nothing is written. After a crash what the cursor had not passed is written down
 * as well, and told again.
 */

import type { JournalRecord, Position } from '../../journal/index.ts'
import type { HandOut } from './hand-out.ts'
import { outboxLimits } from './limits.ts'
import type { OutboxDeps } from './outbox-deps.ts'
import { type OwedRoom, upsertOwed } from './outbox-table.ts'
import { groupByServer, listOwedEvents, type Owed } from './owed.ts'
import type { OutboxQueues } from './queues.ts'

export type KeepDeps = OutboxDeps & {
  readonly handOut: HandOut
  readonly queues: OutboxQueues
  /** Waits, at most until the outbox is closed. */
  readonly wait: (ms: number) => Promise<void>
}

/** Handles records of the journal; resolves when everything of them is told or written down. */
export async function keepOwed(deps: KeepDeps, records: readonly JournalRecord[]): Promise<void> {
  const upTo = records.at(-1)!.position
  const handed = await deps.handOut.takeHanded(records[0]!.position, upTo)
  if (handed === undefined) return keepAll(deps, await listOwedEvents(deps, records, new Map()), upTo)
  const last = handed.at(-1)
  if (last === undefined) return
  const waitMs = last.atMs + outboxLimits.storedAfterMs - deps.clock.nowMs()
  if (waitMs > 0) await deps.wait(waitMs)
  await keepUntold(deps, handed, upTo)
}

/** Events that no queue was told of. */
async function keepAll(deps: KeepDeps, owed: readonly Owed[], upTo: Position): Promise<void> {
  const byServer = groupByServer(owed)
  const queues = await Promise.all([...byServer.keys()].map(deps.queues.open))
  await write(
    deps,
    queues.map(({ number, server }) => ({ number, rooms: toRooms(byServer.get(server)!) })),
  )
  for (const queue of queues) {
    queue.noteStored(upTo)
    queue.noteRows('events')
  }
}

async function keepUntold(deps: KeepDeps, handed: readonly Owed[], upTo: Position): Promise<void> {
  const byServer = groupByServer(handed)
  // From here to the transaction nothing may come between: what is told meanwhile would stay written down.
  const owed = [...byServer].flatMap(([server, of]) => {
    const queue = deps.queues.find(server)
    const oldest = queue?.oldestWaiting()
    const events = of.filter(({ position }) => oldest !== undefined && position >= oldest)
    if (queue === undefined || events.length === 0) return []
    return [{ queue, number: queue.number, rooms: toRooms(events) }]
  })
  for (const { queue } of owed) queue.noteStoring(upTo)
  await write(deps, owed)
  for (const { queue } of owed) queue.noteStored(upTo)
}

type OwedTo = { readonly number: number; readonly rooms: readonly OwedRoom[] }

async function write({ store }: KeepDeps, owed: readonly OwedTo[]): Promise<void> {
  if (owed.length === 0) return
  await store.transact((tx) => {
    for (const { number, rooms } of owed) for (const room of rooms) upsertOwed(tx, number, room)
  })
}

/** Events in order as the rooms that are owed. */
function toRooms(events: readonly Owed[]): OwedRoom[] {
  const rooms = new Map<number, OwedRoom>()
  for (const { room, position } of events) {
    rooms.set(room, { room, since: rooms.get(room)?.since ?? position, position })
  }
  return [...rooms.values()]
}
