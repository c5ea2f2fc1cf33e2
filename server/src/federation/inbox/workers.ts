/**
 * Works off the events that wait, one server's events of one room after another, many queues side by side. What a
 * server that does not answer holds up are its own events.
 */

import type { EventId, ServerName } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import { RemoteError } from '../../remote/index.ts'
import type { Arriving } from '../../rooms/index.ts'
import { askForPolicy } from '../check/ask-for-policy.ts'
import { inGraphOrder } from './arriving-row.ts'
import { NobodyAnswers } from './ask-servers.ts'
import { fillByOthers } from './fill-by-others.ts'
import { fillGap } from './fill-gap.ts'
import { findOurRoom, type OurRoom } from './find-our-room.ts'
import { createGaps, listUnknown, type OpenGap } from './gap.ts'
import type { InboxDeps } from './inbox-deps.ts'
import {
  findNextRetry,
  listDueQueues,
  listWaiting,
  type QueueName,
  removeWaiting,
  updateRetry,
  updateRetryOfRoom,
  updateRetryOfServer,
  type WaitingRow,
} from './inbox-table.ts'
import { inboxLimits } from './limits.ts'
import { verifyRows } from './verify-rows.ts'
import type { WaitingCounts } from './waiting-counts.ts'

export interface Workers {
  /** Events were added to the queue. */
  wake(queue: QueueName): void
  /** True if events of the queue are being worked off: others wait behind them. */
  isBusy(queue: QueueName): boolean
  /** Takes up what waits since before the start. */
  resume(): void
  /** Takes up at once what waits in a room. */
  retryRoom(room: number): Promise<void>
  /** Resolves when nothing is under way any more. */
  close(): Promise<void>
}

const nameOf = ({ room, origin }: QueueName) => `${room} ${origin}`

export function createWorkers(deps: InboxDeps, counts: WaitingCounts): Workers {
  const { clock, logger, store } = deps
  /** Queues that run or wait for a place, in order; those to be looked at again when they end. */
  const open = new Map<string, QueueName>()
  const again = new Set<string>()
  const running = new Map<string, Promise<void>>()
  const ofServer = new Map<ServerName, number>()
  const work: Work = {
    deps,
    counts,
    openGap: createGaps(deps),
    isStopped: () => isStopped,
    retryRoom: (room) => retryRoom(room),
  }
  const isRecoveryDue = createRecoveryDue(deps)
  let isStopped = false
  let cancelTimer: (() => void) | undefined

  const next = () => {
    for (const [name, queue] of open) {
      if (isStopped || running.size >= inboxLimits.workersMax) return
      const { origin } = queue
      const count = ofServer.get(origin) ?? 0
      if (running.has(name) || count >= inboxLimits.workersPerServerMax) continue
      ofServer.set(origin, count + 1)
      running.set(name, run(name, queue))
    }
  }
  const run = async (name: string, queue: QueueName) => {
    await Promise.resolve()
    try {
      while (!isStopped && (await workBatch(work, queue)));
    } catch (error) {
      const isClosed = error instanceof RemoteError && error.kind === 'closed'
      if (!isClosed) logger.error({ ...queue, err: error }, 'the inbox could not work off a queue')
    }
    running.delete(name)
    open.delete(name)
    const left = (ofServer.get(queue.origin) ?? 1) - 1
    if (left > 0) ofServer.set(queue.origin, left)
    else ofServer.delete(queue.origin)
    if (again.delete(name)) open.set(name, queue)
    next()
    if (open.size === 0) inBackground(plan())
  }
  const wake = (queue: QueueName) => {
    const name = nameOf(queue)
    if (running.has(name)) again.add(name)
    else open.set(name, queue)
    next()
  }
  /** Sets the timer to the next time at which an event is to be tried again. */
  const plan = async () => {
    const atMs = await findNextRetry(store.reader)
    cancelTimer?.()
    cancelTimer = undefined
    if (atMs === undefined || isStopped) return
    const delayMs = Math.max(atMs - clock.nowMs(), inboxLimits.retryEveryMs)
    cancelTimer = clock.schedule(Math.min(delayMs, 3600_000), () => inBackground(takeUp()))
  }
  const takeUp = async () => {
    const due = await listDueQueues(store.reader, clock.nowMs(), inboxLimits.dueMax)
    for (const queue of due) wake(queue)
    if (due.length === 0) await plan()
  }
  const retryRoom = async (room: number) => {
    await store.transact((tx) => updateRetryOfRoom(tx, room))
    await takeUp()
  }
  const inBackground = (task: Promise<void>) => {
    task.catch((error: unknown) => {
      if (!isStopped) logger.error({ err: error }, 'the inbox could not look for events that wait')
    })
  }
  deps.remote.destinations.onRecovered((origin) => {
    if (counts.of(origin) === 0 || isStopped || !isRecoveryDue(origin)) return
    inBackground(store.transact((tx) => updateRetryOfServer(tx, origin)).then(takeUp))
  })
  return {
    wake,
    isBusy: (queue) => open.has(nameOf(queue)),
    resume: () => inBackground(takeUp()),
    retryRoom,
    async close() {
      isStopped = true
      cancelTimer?.()
      await Promise.all(running.values())
    },
  }
}

/** True if that was not so a short time ago: a server that asks, but does not answer, recovers with each request. */
function createRecoveryDue({ clock }: InboxDeps): (origin: ServerName) => boolean {
  const recoveredMs = new Lru<ServerName, number>(inboxLimits.recoveriesMax)
  return (origin) => {
    const isDue = clock.nowMs() - (recoveredMs.get(origin) ?? 0) > inboxLimits.recoveryEveryMs
    if (isDue) recoveredMs.set(origin, clock.nowMs())
    return isDue
  }
}

/** True if there may be more. */
async function workBatch(work: Work, queue: QueueName): Promise<boolean> {
  const { deps, counts } = work
  const rows = await listWaiting(deps.store.reader, queue, deps.clock.nowMs(), inboxLimits.batchMax)
  if (rows.length === 0) return false
  const room = await findOurRoom(deps, await deps.rooms.findRoomByNumber(queue.room))
  // Our users left meanwhile.
  if (room === undefined) await settle(deps, counts, rows, { later: [], postponed: [] })
  else await workRows(work, room, rows)
  return rows.length === inboxLimits.batchMax
}

type Work = {
  readonly deps: InboxDeps
  readonly counts: WaitingCounts
  readonly openGap: OpenGap
  readonly isStopped: () => boolean
  readonly retryRoom: (room: number) => Promise<void>
}

async function workRows(work: Work, room: OurRoom, rows: readonly WaitingRow[]): Promise<void> {
  const { deps, counts, isStopped } = work
  const { arriving: waiting, unsure } = await verifyRows(deps, room, rows)
  const byId = new Map(rows.map((row) => [row.eventId, row]))
  const kept: Kept = { later: [...unsure], postponed: [] }
  const ordered = inGraphOrder(waiting.values())
  for (const one of ordered) {
    // What was done is done again after a restart: it is known by then.
    if (isStopped()) return
    const row = byId.get(one.event.eventId)!
    const fate = await workOne(work, room, { row, one, waiting })
    if (fate !== 'done') kept[fate].push(row)
  }
  await settle(deps, counts, rows, kept)
  // The members may have come while the events were looked at.
  if (
    kept.postponed.length > 0 &&
    !(await findOurRoom(deps, await deps.rooms.findRoomByNumber(room.room)))?.isPartial
  ) {
    await work.retryRoom(room.room)
  }
}

/** What is to be tried later, and what waits for the members of its room. */
type Kept = { readonly later: WaitingRow[]; readonly postponed: WaitingRow[] }

/**
 * `done`: nothing is left to do, whether it was taken or is dropped. `postponed`: members of the room are missing, and
 * with them the event cannot be judged.
 */
async function workOne(
  { deps, openGap }: Work,
  room: OurRoom,
  { row, one, waiting }: { row: WaitingRow; one: Arriving; waiting: ReadonlyMap<EventId, Arriving> },
): Promise<'done' | keyof Kept> {
  const { roomId } = room
  const { eventId, origin } = row
  try {
    const isPatient = row.attempts < inboxLimits.patientAttempts
    // What the state lacks may be why the event seems not to be allowed; but it does not wait for ever.
    const isDoubtful = deps.completing.isUnproven(room.room) && row.attempts < inboxLimits.retryAfterMs.length
    const asked = { ...(await askForPolicy(deps, room, one)), isDoubtful }
    const [receipt] = await deps.rooms.receive(room.room, [asked])
    if (receipt?.kind === 'postponed' && isDoubtful) throw new NobodyAnswers()
    if (receipt?.kind === 'postponed') return 'postponed'
    if (receipt?.kind !== 'lacking') return 'done'
    const open = (server: ServerName) => openGap(room, server, waiting, { isPatient, isDoubtful })
    const isFilled = await fillGap(deps, open(origin), asked)
    if (room.isPartial) return (await listUnknown(deps, room, [eventId], false)).size === 0 ? 'done' : 'postponed'
    if (isFilled) return 'done'
    const byOthers = await fillByOthers(deps, open, origin, asked)
    if (byOthers === 'later') return 'later'
    if (byOthers === 'unknown') {
      deps.logger.info({ roomId, eventId, origin }, 'an event was dropped: what it rests on is not told')
    }
    return 'done'
  } catch (error) {
    if (error instanceof RemoteError) throw error
    if (error instanceof NobodyAnswers) {
      if (deps.completing.isUnproven(room.room)) deps.completing.start(room.room)
      return 'later'
    }
    // One event never costs its neighbours, whatever is wrong.
    deps.logger.error({ roomId, eventId, origin, err: error }, 'an event could not be taken')
    return 'later'
  }
}

/** Those that are to be tried later wait, as long as there is a later, and those that are postponed. */
async function settle(
  deps: InboxDeps,
  counts: WaitingCounts,
  rows: readonly WaitingRow[],
  { later, postponed }: Kept,
): Promise<void> {
  const nowMs = deps.clock.nowMs()
  const kept = new Map(later.flatMap((row) => toRetry(row, nowMs)))
  for (const { position, eventId, origin } of later) {
    if (kept.has(position)) continue
    deps.logger.info({ eventId, origin }, 'an event was dropped: what it rests on could not be had')
  }
  const waiting = new Set(postponed.map(({ position }) => position))
  for (const { position } of postponed) kept.set(position, nowMs + inboxLimits.postponedMs)
  await deps.store.transact((tx) => {
    for (const { position, attempts } of rows) {
      const retryMs = kept.get(position)
      if (retryMs === undefined) removeWaiting(tx, position)
      else updateRetry(tx, position, waiting.has(position) ? attempts : attempts + 1, retryMs)
    }
    tx.onCommitted(() => {
      for (const { position, origin } of rows) if (!kept.has(position)) counts.add(origin, -1)
    })
  })
}

function toRetry({ position, attempts }: WaitingRow, nowMs: number): [number, number][] {
  const delayMs = inboxLimits.retryAfterMs[attempts]
  return delayMs === undefined ? [] : [[position, nowMs + delayMs]]
}
