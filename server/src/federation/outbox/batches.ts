/** The transactions of one server: what is in them, and what is done when they were taken. */

import { type JsonObject, type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import { pduTextsOf } from '../serve/pdu-texts.ts'
import { readPage } from './catch-up.ts'
import { outboxLimits } from './limits.ts'
import type { QueueDeps } from './outbox-deps.ts'
import { settleOwed, settleOwedRoom } from './outbox-table.ts'
import { type TakenEvents, WaitingEvents } from './waiting.ts'

type TransactionBody = JsonObject & { readonly pdus: JsonObject[]; readonly edus: JsonObject[] }

/** `origin`: the domain of ours that tells it. */
export type Batch = { readonly id: string; readonly origin: ServerName; readonly body: TransactionBody }

/** `origin`: the domain of ours whose user it is about. */
export type OwnEdu = { readonly origin: ServerName; readonly edu: JsonObject }

export interface Batches {
  readonly waiting: WaitingEvents
  addEdu(name: string, edu: OwnEdu): void
  noteRows(kind: 'events' | 'messages'): void
  /** The one under way, or the next one; undefined: there is nothing to tell. */
  open(): Promise<Batch | undefined>
  /** The one under way was taken. */
  settle(): Promise<void>
  /** The one under way will never be taken as it is: smaller ones are tried, and what is refused alone is given up. */
  shrink(): Promise<void>
  /** The server is away: nothing is kept in memory that the tables have or that will be out of date. */
  leave(): void
  /** True if there is something to open. */
  isReady(): boolean
  /** Ephemeral messages in memory. */
  countEdus(): number
}

/** A batch with what is done when it was taken. */
type OpenBatch = Batch & {
  readonly taken: TakenEvents
  readonly messagesUpTo: number | undefined
  readonly passing: ReadonlyMap<string, OwnEdu>
  /** Events and messages. */
  readonly size: number
}

export function createBatches(deps: QueueDeps, server: ServerName, number: number): Batches {
  const waiting = new WaitingEvents(() => readPage(deps, server, number))
  const edus = new Map<string, OwnEdu>()
  let hasMessages = false
  let sizeMax: number = outboxLimits.pdusMax
  let current: OpenBatch | undefined
  // What the tables have from before this queue was made is told first.
  waiting.mustRead()

  async function fill(): Promise<OpenBatch | undefined> {
    const taken = await waiting.take(sizeMax)
    const messagesMax = Math.min(outboxLimits.messagesMax, sizeMax)
    const mayHaveMessages = hasMessages
    hasMessages = false
    const found = mayHaveMessages ? await listMessages(deps, number, messagesMax) : []
    // A transaction is that of one domain: whoever takes it refuses what it says of the users of others.
    const origin = taken.events[0]?.origin ?? found[0]?.origin ?? edus.values().next().value?.origin
    const other = found.findIndex((message) => message.origin !== origin)
    const messages = other < 0 ? found : found.slice(0, other)
    if (messages.length === messagesMax || other >= 0) hasMessages = true
    const passing = takePassing(origin, outboxLimits.edusMax - messages.length)
    const size = taken.events.length + messages.length
    if (origin === undefined || size + passing.size === 0) {
      await settleEvents(taken)
      return undefined
    }
    const texts = await pduTextsOf(
      deps.rooms,
      taken.events.map(({ event }) => event),
    )
    const body = {
      origin,
      origin_server_ts: deps.clock.nowMs(),
      pdus: texts.map((text) => JSON.parse(text)),
      edus: [...messages.map(({ content }) => content), ...[...passing.values()].map(({ edu }) => edu)],
    }
    return { id: deps.nextTransactionId(), origin, body, taken, messagesUpTo: messages.at(-1)?.position, passing, size }
  }

  function takePassing(origin: ServerName | undefined, limit: number): Map<string, OwnEdu> {
    const passing = new Map([...edus].filter(([, edu]) => edu.origin === origin).slice(0, limit))
    for (const name of passing.keys()) edus.delete(name)
    return passing
  }

  async function settleEvents({ events, settled }: TakenEvents): Promise<void> {
    const hasRows = waiting.told()
    const upTo = events.at(-1)?.position
    if (!hasRows && settled.length === 0) return
    await deps.store.transact((tx) => {
      if (hasRows && upTo !== undefined) settleOwed(tx, number, upTo)
      for (const room of settled) settleOwedRoom(tx, number, room)
    })
  }

  async function settle(): Promise<void> {
    if (current === undefined) return
    const { taken, messagesUpTo } = current
    current = undefined
    sizeMax = outboxLimits.pdusMax
    await settleEvents(taken)
    if (messagesUpTo !== undefined) await deps.devices.dropToServer(number, messagesUpTo)
  }

  return {
    waiting,
    addEdu(name, edu) {
      edus.delete(name)
      edus.set(name, edu)
      if (edus.size > outboxLimits.edusWaitingMax) edus.delete(edus.keys().next().value!)
    },
    noteRows(kind) {
      if (kind === 'events') waiting.mustRead()
      else hasMessages = true
    },
    async open() {
      while (current === undefined && isReady()) current = await fill()
      return current
    },
    settle,
    async shrink() {
      if (current === undefined) return
      if (current.size <= 1) {
        deps.logger.warn({ server }, 'something that a server refuses is given up')
        return settle()
      }
      sizeMax = Math.max(1, Math.floor(Math.min(sizeMax, current.size) / 2))
      current = undefined
      hasMessages = true
      waiting.giveBack()
    },
    leave() {
      if (current !== undefined) {
        for (const [name, edu] of current.passing) if (!edus.has(name)) edus.set(name, edu)
        hasMessages = true
        current = undefined
      }
      for (const name of edus.keys()) if (!name.startsWith('receipt')) edus.delete(name)
      waiting.leave()
    },
    isReady,
    countEdus: () => edus.size,
  }

  function isReady(): boolean {
    return current !== undefined || waiting.isReady || edus.size > 0 || hasMessages
  }
}

/** Messages to devices, and the domains of ours whose users send them. */
async function listMessages({ devices }: QueueDeps, server: number, limit: number) {
  return (await devices.listToServer(server, limit)).map(({ position, content: text }) => {
    const content = JSON.parse(text) as { readonly content: { readonly sender: UserId } } & JsonObject
    return { position, content, origin: serverNameOf(content.content.sender) }
  })
}
