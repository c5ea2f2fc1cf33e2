/** The queues of all servers that something is told, by name; those with nothing to do are forgotten. */

import type { ServerName } from '@parallax/protocol'
import { createDestinationQueue, type DestinationQueue, type QueueStatus } from './destination-queue.ts'
import { outboxLimits } from './limits.ts'
import type { OutboxDeps, QueueDeps } from './outbox-deps.ts'

export interface OutboxQueues {
  /** Only for servers that we talk to. */
  open(server: ServerName): Promise<DestinationQueue>
  /** By the server's number; undefined: we do not talk to it. */
  openNumber(number: number): Promise<DestinationQueue | undefined>
  /** Undefined: nothing waits in memory for the server. */
  find(server: ServerName): DestinationQueue | undefined
  wake(server: ServerName): void
  /** Of those that something waits for. */
  statuses(): QueueStatus[]
  close(): Promise<void>
}

type Kept = { readonly queue: DestinationQueue; usedMs: number }

export function createOutboxQueues(deps: OutboxDeps & Pick<QueueDeps, 'told'>): OutboxQueues {
  const kept = new Map<ServerName, Kept>()
  let lastTransaction = deps.clock.nowMs() * 1000
  const nextTransactionId = (): string => String(++lastTransaction)

  async function numberOf(server: ServerName): Promise<number> {
    const [number] = (await deps.names.intern([server])) as [number]
    return number
  }

  function openWith(server: ServerName, number: number): DestinationQueue {
    const nowMs = deps.clock.nowMs()
    const known = kept.get(server)
    if (known !== undefined) {
      known.usedMs = nowMs
      return known.queue
    }
    if (kept.size >= outboxLimits.queuesMax) forgetIdle(nowMs)
    const queue = createDestinationQueue({ ...deps, nextTransactionId }, server, number)
    kept.set(server, { queue, usedMs: nowMs })
    return queue
  }

  /** One that was just opened may be about to get something. */
  function forgetIdle(nowMs: number): void {
    for (const [server, { queue, usedMs }] of kept) {
      if (usedMs < nowMs - outboxLimits.storedAfterMs * 2 && queue.isIdle()) kept.delete(server)
    }
  }

  return {
    open: async (server) => openWith(server, await numberOf(server)),
    async openNumber(number) {
      const [server] = (await deps.names.texts([number])) as [ServerName]
      return deps.remote.isAllowed(server) ? openWith(server, number) : undefined
    },
    find: (server) => kept.get(server)?.queue,
    wake: (server) => kept.get(server)?.queue.wake(),
    statuses: () => [...kept.values()].flatMap(({ queue }) => (queue.isIdle() ? [] : queue.status())),
    async close() {
      await Promise.all([...kept.values()].map(({ queue }) => queue.close()))
    },
  }
}
