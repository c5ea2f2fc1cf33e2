/** The transactions of one server: what is in them, and what is done when they were taken. */

import { type JsonObject, type ServerName, serverNameOf, type UserId } from '@parallax/protocol'
import { pduTextsOf } from '../serve/pdu-texts.ts'
import { readPage } from './catch-up.ts'
import { type DeviceEdu, findDeviceEdu } from './device-edu.ts'
import { outboxLimits } from './limits.ts'
import type { OwnEdu, QueueDeps } from './outbox-deps.ts'
import { listOwedUsers, type OwedUser, settleOwed, settleOwedRoom, settleOwedUser } from './outbox-table.ts'
import { type TakenEvents, WaitingEvents } from './waiting.ts'

type TransactionBody = JsonObject & { readonly pdus: JsonObject[]; readonly edus: JsonObject[] }

/** `origin`: the domain of ours that tells it. */
export type Batch = { readonly id: string; readonly origin: ServerName; readonly body: TransactionBody }

export interface Batches {
  readonly waiting: WaitingEvents
  addEdu(name: string, edu: OwnEdu): void
  noteRows(kind: 'events' | 'messages' | 'users'): void
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
  /** Whose devices it tells of. */
  readonly users: readonly OwedUser[]
  readonly passing: ReadonlyMap<string, OwnEdu>
  /** Events, messages and users. */
  readonly size: number
}

export function createBatches(deps: QueueDeps, server: ServerName, number: number): Batches {
  const waiting = new WaitingEvents(() => readPage(deps, server, number))
  const edus = new Map<string, OwnEdu>()
  let hasMessages = false
  let hasUsers = false
  /** There are users that are told of with the next transaction only. */
  let hasPatient = false
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
    const isNeeded = taken.events.length + found.length + edus.size > 0
    const changed = await takeUsers(Math.min(outboxLimits.usersMax, sizeMax), isNeeded)
    // A transaction is that of one domain: whoever takes it refuses what it says of the users of others.
    const origin =
      taken.events[0]?.origin ?? found[0]?.origin ?? changed[0]?.origin ?? edus.values().next().value?.origin
    const other = found.findIndex((message) => message.origin !== origin)
    const messages = other < 0 ? found : found.slice(0, other)
    if (messages.length === messagesMax || other >= 0) hasMessages = true
    const users = changed.filter((user) => user.origin === origin)
    if (users.length < changed.length) hasUsers = true
    const passing = takePassing(origin, outboxLimits.edusMax - messages.length - users.length)
    const size = taken.events.length + messages.length + users.length
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
      edus: [...messages.map(({ content }) => content), ...[...users, ...passing.values()].map(({ edu }) => edu)],
    }
    const told = { taken, messagesUpTo: messages.at(-1)?.position, users, passing, size }
    return { id: deps.nextTransactionId(), origin, body, ...told }
  }

  /** Those that concern the server no more are settled at once. `isNeeded`: there is something else to tell. */
  async function takeUsers(limit: number, isNeeded: boolean): Promise<(DeviceEdu & OwedUser)[]> {
    if (!hasUsers && !(hasPatient && isNeeded)) return []
    hasUsers = false
    hasPatient = false
    const rows = await listOwedUsers(deps.store.reader, number, limit)
    if (rows.length === limit) hasUsers = true
    const users: (DeviceEdu & OwedUser)[] = []
    const gone: OwedUser[] = []
    for (const row of rows) {
      const edu = await findDeviceEdu(deps, server, row)
      if (edu === undefined) gone.push(row)
      else users.push({ ...row, ...edu })
    }
    await settleUsers(gone)
    hasPatient = !isNeeded && rows.length < limit && users.every(({ mayWait }) => mayWait)
    return hasPatient ? [] : users
  }

  async function settleUsers(users: readonly OwedUser[]): Promise<void> {
    if (users.length === 0) return
    await deps.store.transact((tx) => {
      for (const user of users) settleOwedUser(tx, number, user)
    })
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
    const { taken, messagesUpTo, users } = current
    current = undefined
    sizeMax = outboxLimits.pdusMax
    await settleEvents(taken)
    await settleUsers(users)
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
      else if (kind === 'messages') hasMessages = true
      else hasUsers = true
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
      hasUsers = true
      waiting.giveBack()
    },
    leave() {
      if (current !== undefined) {
        for (const [name, edu] of current.passing) if (!edus.has(name)) edus.set(name, edu)
        hasMessages = true
        hasUsers = true
        current = undefined
      }
      for (const name of edus.keys()) if (!name.startsWith('receipt')) edus.delete(name)
      waiting.leave()
    },
    isReady,
    countEdus: () => edus.size,
  }

  function isReady(): boolean {
    return current !== undefined || waiting.isReady || edus.size > 0 || hasMessages || hasUsers
  }
}

/** Messages to devices, and the domains of ours whose users send them. */
async function listMessages({ devices }: QueueDeps, server: number, limit: number) {
  return (await devices.listToServer(server, limit)).map(({ position, content: text }) => {
    const content = JSON.parse(text) as { readonly content: { readonly sender: UserId } } & JsonObject
    return { position, content, origin: serverNameOf(content.content.sender) }
  })
}
