/**
 * The inbox: transactions of other servers. What can be taken at once is taken at once; what rests on events that are
 * not here is stored in a queue. Nothing is answered before it is stored, and each transaction is answered once.
 * Spec: server-server-api#transactions.
 */

import { isPolicyEvent, type JsonObject, parseTransaction, type RoomEvent, type ServerName } from '@parallax/protocol'
import { createKeyedQueue, MatrixError } from '../../base/index.ts'
import type { Arriving, Receipt } from '../../rooms/index.ts'
import { explained } from '../check/explain.ts'
import type { Asking } from '../federation-deps.ts'
import { inGraphOrder, rowOf, unverifiedRowOf } from './arriving-row.ts'
import { checkPdus, type RoomBatch } from './check-pdus.ts'
import type { InboxDeps } from './inbox-deps.ts'
import {
  countWaiting,
  findAnswer,
  insertAnswer,
  insertWaiting,
  type QueueName,
  removeAnswersBefore,
  type TransactionName,
  type WaitingRow,
} from './inbox-table.ts'
import { inboxLimits } from './limits.ts'
import { parseEdus, takeLasting, takePassing } from './take-edus.ts'
import { createWaitingCounts, type WaitingCounts } from './waiting-counts.ts'
import { createWorkers, type Workers } from './workers.ts'

export interface Inbox {
  /**
   * JSON text of the reply; the same one if the transaction is sent again. Throws M_INVALID_PARAM if it is malformed or
   * too large, M_LIMIT_EXCEEDED if too much of that server waits.
   */
  take(asking: Asking, transactionId: string, body: JsonObject): Promise<string>
  /** How many events wait, by the server that sent them. */
  waiting(): ReadonlyMap<ServerName, number>
  /** How many transactions are being taken. */
  running(): number
  /** Takes up what waits since before the start. */
  resume(): void
  /** Takes up what waits for something in this room. */
  retryRoom(room: number): Promise<void>
  /** Resolves when nothing is under way any more; requests to other servers must end by themselves. */
  close(): Promise<void>
}

type Parts = InboxDeps & {
  readonly counts: WaitingCounts
  readonly workers: Workers
  readonly isPruneDue: () => boolean
}

/** Counts what waits. */
export async function createInbox(deps: InboxDeps): Promise<Inbox> {
  const counts = createWaitingCounts(await countWaiting(deps.store.reader))
  const workers = createWorkers(deps, counts)
  const parts: Parts = { ...deps, counts, workers, isPruneDue: createPruneDue(deps) }
  const turns = createKeyedQueue<ServerName>()
  const under = new Map<string, Promise<string>>()
  const underOf = new Map<ServerName, number>()

  const takeOnce = async (name: TransactionName, body: JsonObject): Promise<string> => {
    const { origin } = name
    const count = underOf.get(origin) ?? 0
    if (count >= inboxLimits.transactionsPerServerMax) throw tooMuch('transactions')
    underOf.set(origin, count + 1)
    try {
      return await turns.run(origin, () => takeTransaction(parts, name, body))
    } finally {
      const left = (underOf.get(origin) ?? 1) - 1
      if (left > 0) underOf.set(origin, left)
      else underOf.delete(origin)
    }
  }

  return {
    take({ origin, destination }, transactionId, body) {
      const key = `${origin} ${destination} ${transactionId}`
      const known = under.get(key)
      if (known !== undefined) return known
      const task = takeOnce({ origin, destination, transactionId }, body).finally(() => under.delete(key))
      under.set(key, task)
      return task
    },
    waiting: counts.all,
    running: () => under.size,
    resume: workers.resume,
    retryRoom: workers.retryRoom,
    close: workers.close,
  }
}

async function takeTransaction(parts: Parts, name: TransactionName, body: JsonObject): Promise<string> {
  const { store, counts, workers } = parts
  const { origin } = name
  const known = await findAnswer(store.reader, name)
  if (known !== undefined) return known
  const transaction = explained(() => parseTransaction(body, origin))
  if (counts.of(origin) >= inboxLimits.waitingPerServerMax || counts.total() >= inboxLimits.waitingMax) {
    throw tooMuch('events that wait')
  }
  const edus = parseEdus(parts, origin, transaction.edus)
  const [{ results, batches }] = await Promise.all([
    checkPdus(parts, origin, transaction.pdus),
    takeLasting(parts, origin, edus),
  ])
  const left = await Promise.all(batches.map((batch) => takeNow(parts, origin, batch)))
  await takePassing(parts, origin, edus)
  const answer = JSON.stringify({ pdus: Object.fromEntries(results) })
  await writeAnswer(parts, name, answer, left)
  for (const { queue, arriving, unverified } of left) if (arriving.length + unverified.length > 0) workers.wake(queue)
  return answer
}

/** The answer, and with it what must wait. */
async function writeAnswer(parts: Parts, name: TransactionName, answer: string, left: readonly Left[]): Promise<void> {
  const { store, journal, clock, counts } = parts
  const written = await store.transact((tx) => {
    const nowMs = clock.nowMs()
    insertAnswer(tx, name, nowMs, answer)
    if (parts.isPruneDue()) removeAnswersBefore(tx, nowMs - inboxLimits.answerKeptMs)
    const insert = (makeRow: (position: number) => WaitingRow) => {
      const position = journal.takeNumber()
      return { position, kept: insertWaiting(tx, makeRow(position)) }
    }
    return left.flatMap(({ queue, arriving, unverified }) => [
      ...unverified.map((event) => insert((position) => unverifiedRowOf(queue, position, event))),
      ...arriving.map((one) => insert((position) => rowOf(queue, position, one))),
    ])
  })
  const added = written.filter(({ position, kept }) => kept.rows[0]?.position === position)
  counts.add(name.origin, added.length)
}

type Left = {
  readonly queue: QueueName
  readonly arriving: readonly Arriving[]
  readonly unverified: readonly RoomEvent[]
}

/** Takes what rests on nothing that is missing; answers what must wait. */
async function takeNow(parts: Parts, origin: ServerName, { room, arriving, unverified }: RoomBatch): Promise<Left> {
  const { rooms, workers, clock, logger } = parts
  const queue = { room: room.room, origin }
  if (arriving.length === 0 || workers.isBusy(queue) || mustAsk(arriving)) return { queue, arriving, unverified }
  const ordered = inGraphOrder(arriving)
  let cancel = (): void => {}
  const tooLong = new Promise<undefined>((resolve) => {
    cancel = clock.schedule(inboxLimits.directMs, () => resolve(undefined))
  })
  const taken = rooms.receive(room.room, ordered).catch((error: unknown) => {
    // One room never costs its neighbours; the queue tries its events one by one.
    logger.error({ roomId: room.roomId, origin, err: error }, 'events could not be taken')
    return undefined
  })
  const receipts = await Promise.race([taken, tooLong])
  cancel()
  if (receipts === undefined) return { queue, arriving: ordered, unverified }
  return { queue, arriving: ordered.filter((_, index) => mustWait(receipts[index])), unverified }
}

function mustWait(receipt: Receipt | undefined): boolean {
  return receipt?.kind === 'lacking' || receipt?.kind === 'postponed'
}

/** True if the room's policy server is to be asked first; what follows the naming of one is judged after that. */
function mustAsk(arriving: readonly Arriving[]): boolean {
  return arriving.some(({ isPolicySigned, event }) => !isPolicySigned || (arriving.length > 1 && isPolicyEvent(event)))
}

function createPruneDue({ clock }: InboxDeps): () => boolean {
  let prunedMs = 0
  return () => {
    const isDue = clock.nowMs() - prunedMs > inboxLimits.answerKeptMs / 24
    if (isDue) prunedMs = clock.nowMs()
    return isDue
  }
}

function tooMuch(what: string): MatrixError {
  const fields = { retry_after_ms: inboxLimits.refusedForMs }
  return new MatrixError('M_LIMIT_EXCEEDED', `Too many ${what} of this server are not done yet.`, fields)
}
