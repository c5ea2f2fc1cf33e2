/**
 * Which servers do not answer, and when each is asked again: shared by all requests, kept over restarts, and forgotten
 * as soon as the server asks us something.
 */

import type { ServerName } from '@parallax/protocol'
import { type Clock, type Logger, Lru } from '../../base/index.ts'
import type { Store } from '../../store/index.ts'
import { backoffLimits as limits } from '../limits.ts'
import { type FailingRow, listFailing, removeFailing, upsertFailing } from './destination-table.ts'

export interface Destinations {
  /** When the server may be asked again, ms; 0: now. */
  retryAtMs(server: ServerName): number
  /** Since when it does not answer, ms; undefined: it does, as far as is known. */
  failingSinceMs(server: ServerName): number | undefined
  /** It did not answer: it is left alone for a while, longer each time. `atLeastMs`: as it asked itself. */
  noteFailure(server: ServerName, atLeastMs?: number): void
  /** It answered, or asked us something. */
  noteAlive(server: ServerName): void
  /** Told of each server that failed and is alive again; must be quick and not throw. */
  onRecovered(listener: (server: ServerName) => void): void
  /** How many servers fail at the moment. */
  failing(): number
}

export type DestinationsDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}

/** Loads what was known at the last stop. */
export async function createDestinations({ store, clock, logger, random }: DestinationsDeps): Promise<Destinations> {
  const failing = new Lru<string, FailingRow>(limits.serversMax)
  for (const row of (await listFailing(store.reader, limits.serversMax)).reverse()) failing.set(row.server, row)
  const listeners: ((server: ServerName) => void)[] = []
  // What is lost of this costs a request at most, so nobody waits for it.
  const inBackground = (saved: Promise<void>) => {
    saved.catch((error: unknown) => logger.warn({ err: error }, 'the state of a server could not be saved'))
  }
  return {
    retryAtMs: (server) => failing.get(server)?.retryMs ?? 0,
    failingSinceMs: (server) => failing.get(server)?.sinceMs,
    noteFailure(server, atLeastMs = 0) {
      const nowMs = clock.nowMs()
      const before = failing.get(server)
      // Requests that ran at once fail at once: that counts as one failure.
      if (before !== undefined && before.retryMs > nowMs) return
      const nextMs = before === undefined ? limits.firstMs : before.waitMs * limits.factor
      const waitMs = Math.min(Math.max(nextMs, atLeastMs), limits.maxMs)
      const retryMs = Math.round(nowMs + waitMs * (0.9 + 0.2 * random()))
      const row = { server, sinceMs: before?.sinceMs ?? nowMs, retryMs, waitMs }
      failing.set(server, row)
      inBackground(store.transact((tx) => upsertFailing(tx, row)))
    },
    noteAlive(server) {
      if (!failing.delete(server)) return
      inBackground(store.transact((tx) => removeFailing(tx, server)))
      for (const listener of listeners) listener(server)
    },
    onRecovered: (listener) => void listeners.push(listener),
    failing: () => failing.size,
  }
}
