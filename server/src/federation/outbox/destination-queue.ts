/**
 * What one server is to be told, and the telling: one transaction at a time, in order, until it is taken. A transaction
 * that was not taken is sent again as it was. Spec: server-server-api#transactions.
 */

import type { ServerName } from '@parallax/protocol'
import { RemoteError } from '../../remote/index.ts'
import { createBatches } from './batches.ts'
import { outboxLimits } from './limits.ts'
import type { OwnEdu, QueueDeps } from './outbox-deps.ts'
import type { Waiting } from './waiting.ts'

export interface DestinationQueue {
  readonly server: ServerName
  /** Of its name. */
  readonly number: number
  /** Events in the order of the journal. */
  addEvents(events: readonly Waiting[]): void
  /** A later one of the same name takes the place of an earlier one. */
  addEdu(name: string, edu: OwnEdu): void
  /** Something waits in the tables. */
  noteRows(kind: 'events' | 'messages' | 'users'): void
  /** Position of the oldest event that neither was told nor is known to be in the tables; undefined: there is none. */
  oldestWaiting(): number | undefined
  /** What was not told up to this position goes to the tables with a transaction that is submitted right now. */
  noteStoring(upTo: number): void
  /** That transaction is committed. */
  noteStored(upTo: number): void
  /** The server is alive again. */
  wake(): void
  status(): QueueStatus
  isIdle(): boolean
  close(): Promise<void>
}

export type QueueStatus = {
  readonly server: ServerName
  /** In memory. */
  readonly events: number
  readonly edus: number
  /** True if the tables have more. */
  readonly isBehind: boolean
  /** Age of the oldest event that waits, ms; 0: none does. */
  readonly lagMs: number
  /** How long until the server is tried again, ms; 0: now. */
  readonly backOffMs: number
}

export function createDestinationQueue(deps: QueueDeps, server: ServerName, number: number): DestinationQueue {
  const batches = createBatches(deps, server, number)
  const { waiting } = batches
  let running: Promise<void> | undefined
  let cancelWait: (() => void) | undefined
  let refusals = 0
  let isClosed = false

  async function work(): Promise<void> {
    while (!isClosed) {
      const waitMs = deps.remote.destinations.retryAtMs(server) - deps.clock.nowMs()
      if (waitMs > outboxLimits.awayMs) batches.leave()
      if (waitMs > 0) return waitFor(waitMs)
      const batch = await batches.open()
      if (batch === undefined) return
      try {
        const parties = { origin: batch.origin, destination: server }
        await deps.remote.calls.sendTransaction(parties, batch.id, batch.body)
        refusals = 0
        deps.told.transactions.taken += 1
        deps.told.events += batch.body.pdus.length
        deps.told.edus += batch.body.edus.length
        await batches.settle()
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error
        deps.logger.info({ server, err: error }, 'a server did not take a transaction')
        const pauseMs = await pauseAfter(error)
        if (pauseMs > 0) return waitFor(pauseMs)
      }
    }
  }

  /** 0: as the back-off says that all requests share. */
  async function pauseAfter(error: RemoteError): Promise<number> {
    const status = error.answer?.status
    if (status === 400 || status === 413) {
      deps.told.transactions.refused += 1
      await batches.shrink()
      return 0
    }
    deps.told.transactions.failed += 1
    if (deps.remote.destinations.retryAtMs(server) > deps.clock.nowMs()) return 0
    const { refusedFirstMs, refusedMaxMs } = outboxLimits
    return Math.min(refusedFirstMs * 2 ** refusals++, refusedMaxMs)
  }

  function waitFor(waitMs: number): void {
    if (isClosed) return
    cancelWait?.()
    cancelWait = deps.clock.schedule(waitMs, start)
  }

  function start(): void {
    cancelWait?.()
    cancelWait = undefined
    if (isClosed || running !== undefined) return
    running = work()
      .catch((error: unknown) => {
        deps.logger.error({ server, err: error }, 'the delivery to a server stopped')
        batches.leave()
        for (const kind of ['events', 'messages', 'users'] as const) batches.noteRows(kind)
        waitFor(outboxLimits.stoppedPauseMs)
      })
      .finally(() => {
        running = undefined
        if (cancelWait === undefined && batches.isReady()) start()
      })
  }

  function kick(): void {
    if (cancelWait === undefined) start()
  }

  return {
    server,
    number,
    addEvents(events) {
      waiting.add(events)
      kick()
    },
    addEdu(name, edu) {
      batches.addEdu(name, edu)
      kick()
    },
    noteRows(kind) {
      batches.noteRows(kind)
      kick()
    },
    oldestWaiting: () => waiting.oldest(),
    noteStoring: (upTo) => waiting.noteStoring(upTo),
    noteStored(upTo) {
      if (waiting.noteStored(upTo)) kick()
    },
    wake: start,
    status() {
      const nowMs = deps.clock.nowMs()
      const { length: events, isBehind } = waiting
      const { destinations } = deps.remote
      // Of what waits since before a restart it is only known that the server failed.
      const sinceMs = waiting.sinceMs() ?? (isBehind ? destinations.failingSinceMs(server) : undefined)
      const lagMs = Math.max(0, nowMs - (sinceMs ?? nowMs))
      const backOffMs = Math.max(0, destinations.retryAtMs(server) - nowMs)
      return { server, events, edus: batches.countEdus(), isBehind, lagMs, backOffMs }
    },
    isIdle: () => running === undefined && cancelWait === undefined && waiting.isEmpty && !batches.isReady(),
    async close() {
      isClosed = true
      cancelWait?.()
      await running
    },
  }
}
