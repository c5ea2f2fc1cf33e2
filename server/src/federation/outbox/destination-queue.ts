/**
 * What one server is to be told, and the telling: one transaction at a time, in order, until it is taken. A transaction
 * that was not taken is sent again as it was. Spec: server-server-api#transactions.
 */

import { type JsonObject, type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import type { Domains } from '../../config/index.ts'
import { RemoteError } from '../../remote/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { pduTextsOf } from '../serve/pdu-texts.ts'
import { outboxLimits } from './limits.ts'
import { findTold, listOwed, updateTold } from './outbox-table.ts'

export interface DestinationQueue {
  /** Positions of events in order, and the domain of ours that tells them. */
  addEvents(positions: readonly Waiting[]): void
  /** A later one of the same name takes the place of an earlier one. */
  addEdu(name: string, edu: OwnEdu): void
  /** Something waits in the tables. */
  catchUp(): void
  /** Messages to devices wait in the tables. */
  noteMessages(): void
  /** The server is alive again. */
  wake(): void
  close(): Promise<void>
}

/** `position`: its place in the journal; `event`: its number; `origin`: the domain of ours that tells it. */
export type Waiting = { readonly position: number; readonly event: number; readonly origin: ServerName }

/** `origin`: the domain of ours whose user it is about. */
export type OwnEdu = { readonly origin: ServerName; readonly edu: JsonObject }

type Batch = {
  readonly id: string
  readonly origin: ServerName
  readonly body: JsonObject
  /** Everything up to here is told with it. */
  readonly upto: number | undefined
  /** Messages to devices up to here are told with it. */
  readonly messagesUpto: number | undefined
}

type QueueDeps = FederationDeps & {
  /** Differs for each transaction of this server, over restarts too. */
  readonly nextTransactionId: () => string
}

export function createDestinationQueue(deps: QueueDeps, server: ServerName, number: number): DestinationQueue {
  let events: Waiting[] = []
  const edus = new Map<string, OwnEdu>()
  let mustCatchUp = false
  let hasMessages = false
  let batch: Batch | undefined
  let running: Promise<void> | undefined
  let cancelWait: (() => void) | undefined
  let isClosed = false

  async function nextBatch(): Promise<Batch | undefined> {
    if (mustCatchUp) {
      mustCatchUp = false
      events = await listMissed(deps, number)
    }
    const messages = hasMessages ? await listMessages(deps, number) : []
    if (messages.length === 0) hasMessages = false
    // A transaction is that of one domain: whoever takes it refuses what it says of the users of others.
    const origin = events[0]?.origin ?? messages[0]?.origin ?? edus.values().next().value?.origin
    if (origin === undefined) return undefined
    const taken = events.splice(0, countOf(events, origin, outboxLimits.pdusMax))
    const told = messages.slice(0, countOf(messages, origin, messages.length))
    const names = [...edus].flatMap(([name, edu]) => (edu.origin === origin ? name : []))
    const passing = names.slice(0, outboxLimits.edusMax - told.length).map((name) => takeEdu(name))
    const texts = await pduTextsOf(
      deps.rooms,
      taken.map(({ event }) => event),
    )
    const body = {
      origin,
      origin_server_ts: deps.clock.nowMs(),
      pdus: texts.map((text) => JSON.parse(text)),
      edus: [...told.map(({ content }) => content), ...passing],
    }
    const upto = { upto: taken.at(-1)?.position, messagesUpto: told.at(-1)?.position }
    return { id: deps.nextTransactionId(), origin, body, ...upto }
  }

  function takeEdu(name: string): JsonObject {
    const { edu } = edus.get(name)!
    edus.delete(name)
    return edu
  }

  async function deliver(current: Batch): Promise<void> {
    const parties = { origin: current.origin, destination: server }
    await deps.remote.calls.sendTransaction(parties, current.id, current.body)
    await settle(current)
  }

  async function settle({ upto, messagesUpto }: Batch): Promise<void> {
    batch = undefined
    if (upto !== undefined) await deps.store.transact((tx) => updateTold(tx, number, upto))
    if (messagesUpto !== undefined) await deps.devices.dropToServer(number, messagesUpto)
  }

  async function work(): Promise<void> {
    while (!isClosed) {
      const waitMs = deps.remote.destinations.retryAtMs(server) - deps.clock.nowMs()
      if (waitMs > 0) return waitFor(waitMs)
      batch ??= await nextBatch()
      if (batch === undefined) return
      try {
        await deliver(batch)
      } catch (error) {
        if (!(error instanceof RemoteError)) throw error
        if (await isGivenUp(error, batch)) continue
        const pauseMs = deps.remote.destinations.retryAtMs(server) - deps.clock.nowMs()
        return waitFor(Math.max(pauseMs, outboxLimits.refusedPauseMs / 60))
      }
    }
  }

  /** True: the server will never take this transaction; the next one may be taken. */
  async function isGivenUp(error: RemoteError, current: Batch): Promise<boolean> {
    deps.logger.info({ server, err: error }, 'a server did not take a transaction')
    const status = error.answer?.status ?? 0
    if (status !== 400 && status !== 413) return false
    await settle(current)
    return true
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
        mustCatchUp = true
        waitFor(outboxLimits.refusedPauseMs)
      })
      .finally(() => {
        running = undefined
        const isMore = events.length > 0 || edus.size > 0 || mustCatchUp || hasMessages
        if (isMore && cancelWait === undefined) start()
      })
  }

  function kick(): void {
    if (cancelWait === undefined) start()
  }

  return {
    addEvents(added) {
      if (events.length + added.length > outboxLimits.waitingMax) {
        mustCatchUp = true
        events = []
      } else if (!mustCatchUp) events.push(...added)
      kick()
    },
    addEdu(name, edu) {
      edus.delete(name)
      edus.set(name, edu)
      if (edus.size > outboxLimits.edusWaitingMax) edus.delete(edus.keys().next().value!)
      kick()
    },
    catchUp() {
      mustCatchUp = true
      kick()
    },
    noteMessages() {
      hasMessages = true
      kick()
    },
    wake: start,
    async close() {
      isClosed = true
      cancelWait?.()
      await running
    },
  }
}

/** Of each room that something is owed of, our newest events since the server was told last. */
async function listMissed(deps: FederationDeps, server: number): Promise<Waiting[]> {
  const { store, rooms, names, domains } = deps
  const told = await findTold(store.reader, server)
  const missed: Waiting[] = []
  for (const { room, position } of await listOwed(store.reader, server)) {
    const range = {
      after: told,
      before: position + 1,
      direction: 'backwards',
      limit: outboxLimits.caughtUpMax,
    } as const
    const events = await rooms.listTimeline(room, range)
    const senders = (await names.texts(events.map(({ sender }) => sender))) as UserId[]
    const servers = await rooms.listJoinedServers(room)
    for (const [index, { stream, event }] of events.entries()) {
      const server = serverNameOf(senders[index]!)
      if (stream !== position && !domains.isLocal(server)) continue
      missed.push({ position: stream!, event, origin: tellerOf(domains, server, servers) })
    }
  }
  return missed.sort((a, b) => a.position - b.position)
}

/** Who tells an event: the domain of its sender, or for one of others a domain of ours that is in the room. */
export function tellerOf(
  domains: Domains,
  server: ServerName,
  inRoom: { readonly has: (server: ServerName) => boolean },
): ServerName {
  return domains.isLocal(server) ? server : (domains.names.find((name) => inRoom.has(name)) ?? domains.first)
}

/** Messages to devices, and the domains of ours whose users send them. */
async function listMessages({ devices }: FederationDeps, server: number) {
  return (await devices.listToServer(server, outboxLimits.edusMax / 2)).map(({ position, content: text }) => {
    const edu = JSON.parse(text) as { readonly content: { readonly sender: UserId } } & JsonObject
    return { position, content: edu, origin: serverNameOf(edu.content.sender) }
  })
}

/** How many from the first on are of the domain. */
function countOf(list: readonly { readonly origin: ServerName }[], origin: ServerName, max: number): number {
  const end = list.findIndex((one) => one.origin !== origin)
  return Math.min(end < 0 ? list.length : end, max)
}
