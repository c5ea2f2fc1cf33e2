/**
 * Messages to devices: a queue for each, in which a message stays until the client asks for what comes after it.
 * Spec: client-server-api#send-to-device-messaging.
 */

import {
  buildEdu,
  type DeviceId,
  findServerName,
  isJsonObject,
  type JsonObject,
  jsonString,
  serverNameOf,
  type UserId,
} from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import { StoreError, type Writer } from '../store/index.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { badParameter, badShape, type DeviceContext, listAllDevices } from './device-context.ts'
import type { ToDevice } from './devices.ts'
import { deviceLimits } from './limits.ts'
import {
  cutQueue,
  hasTransaction,
  insertMessage,
  insertTransaction,
  removeTransactionsBefore,
  type SendKey,
} from './to-device-table.ts'
import { insertToServer, listToServer, listWaitingServers, removeToServer } from './to-server-table.ts'

type Message = { readonly user: number; readonly device: DeviceId; readonly content: JsonObject }

export function createToDevice(context: DeviceContext): ToDevice {
  const { store, queues } = context
  const due = createDue(context)
  const acknowledged = createAcknowledgements(context)
  return {
    async sendToDevice(caller, type, transactionId, messages) {
      const key = { user: caller.user, device: caller.deviceId ?? '', transactionId }
      const { local, remote } = parseTargets(context, messages)
      if (await hasTransaction(store.reader, key)) return
      const resolved = await resolveTargets(context, local)
      const toServers = await buildToServers(context, { sender: caller.userId, type }, remote)
      const batch = { head: headOf(type, caller.userId), key, messages: resolved, toServers }
      await writeOnce({ context, due }, batch)
    },
    async receiveToDevice(origin, { sender, type, messageId, messages }) {
      const targets = messages.flatMap(({ userId, deviceId: device, content }) =>
        context.isLocal(serverNameOf(userId)) ? [{ userId, device, content }] : [],
      )
      const resolved = await resolveTargets(context, targets)
      if (resolved.length === 0) return
      // The name of the server stands where the numbers of our own users stand: a message ID is unique to it.
      const [server] = (await context.names.intern([origin])) as [number]
      const key = { user: server, device: '', transactionId: messageId }
      if (await hasTransaction(store.reader, key)) return
      await writeOnce({ context, due }, { head: headOf(type, sender), key, messages: resolved, toServers: [] })
    },
    listToServer: (server, limit) => listToServer(store.reader, server, limit),
    dropToServer: (server, upTo) => store.transact((tx) => removeToServer(tx, server, upTo)),
    listWaitingServers: () => listWaitingServers(store.reader),
    listToDevice: (user, device, after, upTo, limit = deviceLimits.toDevicePageMax) =>
      queues.list(user, device, { after: Math.max(after, acknowledged.find(user, device)), upTo, limit }),
    async dropToDevice(user, device, upTo) {
      if (await queues.hasUpTo(user, device, upTo)) acknowledged.note({ user, device, upTo })
    },
    flushToDevice: () => acknowledged.flush(),
  }
}

type Parts = { readonly context: DeviceContext; readonly due: Due }
/** What one server is sent, but for the name that makes it arrive once. */
type ToServer = { readonly server: number; readonly build: (messageId: string) => string }

type Batch = {
  readonly head: string
  readonly key: SendKey
  readonly messages: readonly Message[]
  readonly toServers: readonly ToServer[]
}

async function buildToServers(
  { names }: DeviceContext,
  { sender, type }: { readonly sender: UserId; readonly type: string },
  targets: readonly Target[],
): Promise<ToServer[]> {
  const byServer = Map.groupBy(targets, ({ userId }) => serverNameOf(userId))
  const servers = [...byServer.keys()]
  const numbers = await names.intern(servers)
  return servers.map((server, index) => {
    const messages = byServer.get(server)!.map(({ userId, device, content }) => {
      return { userId, deviceId: device as DeviceId, content }
    })
    const build = (messageId: string) =>
      JSON.stringify(buildEdu({ kind: 'to-device', sender, type, messageId, messages }))
    return { server: numbers[index]!, build }
  })
}

function headOf(type: string, sender: UserId): string {
  return `{"type":${jsonString(type)},"sender":${jsonString(sender)},"content":`
}

/** The same request, side by side, writes nothing. */
async function writeOnce(parts: Parts, batch: Batch): Promise<void> {
  try {
    await parts.context.store.transact((tx) => writeMessages(parts, tx, batch))
  } catch (error) {
    if (error instanceof StoreError && error.kind === 'unique') return
    throw error
  }
}

function writeMessages({ context, due }: Parts, tx: Writer, { head, key, messages, toServers }: Batch): void {
  const nowMs = context.clock.nowMs()
  insertTransaction(tx, key, nowMs)
  if (due.isPruneDue()) removeTransactionsBefore(tx, nowMs - deviceLimits.transactionKeptMs)
  for (const { server, build } of toServers) {
    const position = context.journal.append(tx, { kind: 'to-server', server })
    insertToServer(tx, server, { position, content: build(`m${position}`) })
  }
  const texts = new Map<JsonObject, string>()
  for (const { user, device, content } of messages) {
    const text = texts.get(content) ?? `${head}${JSON.stringify(content)}}`
    texts.set(content, text)
    const position = context.journal.append(tx, { kind: 'to-device', user, device })
    insertMessage(tx, { position, user, device, content: text })
    if (due.isCutDue(user, device)) cutQueue(tx, user, device, deviceLimits.toDeviceQueueMax)
    tx.onCommitted(() => context.queues.noteAdded(user, device, { position, text }))
  }
}

type Due = {
  /** True every so often: old transactions are to be forgotten. */
  isPruneDue(): boolean
  /** True every so often: the queue is to be cut to its bound. */
  isCutDue(user: number, device: DeviceId): boolean
}

function createDue({ clock }: DeviceContext): Due {
  const sinceCut = new Lru<string, number>(deviceLimits.queuesCachedMax)
  let prunedMs = 0
  return {
    isPruneDue() {
      const isDue = clock.nowMs() - prunedMs > deviceLimits.transactionKeptMs / 24
      if (isDue) prunedMs = clock.nowMs()
      return isDue
    },
    isCutDue(user, device) {
      const name = `${user}/${device}`
      const count = (sinceCut.get(name) ?? 0) + 1
      sinceCut.set(name, count % deviceLimits.queueCheckEvery)
      return count >= deviceLimits.queueCheckEvery
    },
  }
}

type Target = { readonly userId: UserId; readonly device: string; readonly content: JsonObject }

/** Messages to users of servers that this one does not talk to are dropped. */
function parseTargets(context: DeviceContext, messages: JsonObject): { local: Target[]; remote: Target[] } {
  const local: Target[] = []
  const remote: Target[] = []
  for (const [userId, devices] of Object.entries(messages)) {
    const server = userId.startsWith('@') ? findServerName(userId) : undefined
    if (server === undefined) throw badParameter(`${userId.slice(0, 255)} is no user ID.`)
    if (!isJsonObject(devices)) throw badShape('The messages to a user must be an object.')
    for (const [device, content] of Object.entries(devices)) {
      if (!isJsonObject(content)) throw badShape('The content of a message must be an object.')
      const target = { userId: userId as UserId, device, content }
      if (context.isLocal(server)) local.push(target)
      else if (context.remote?.isAllowed(server)) remote.push(target)
    }
  }
  if (local.length + remote.length > deviceLimits.toDeviceTargetsMax)
    throw badParameter('Too many messages in one request.')
  return { local, remote }
}

/** Messages to devices that exist; `*` stands for all of a user's. */
async function resolveTargets(context: DeviceContext, targets: readonly Target[]): Promise<Message[]> {
  const userIds = [...new Set(targets.map(({ userId }) => userId))]
  const numbers = await context.names.find(userIds)
  const byId = new Map(userIds.map((userId, index) => [userId, numbers[index]]))
  const devices = await listAllDevices(
    context,
    numbers.filter((user) => user !== undefined),
  )
  const messages: Message[] = []
  for (const { userId, device, content } of targets) {
    const user = byId.get(userId)
    if (user === undefined) continue
    for (const known of devices.get(user) ?? []) {
      if (known === device || device === '*') messages.push({ user, device: known, content })
    }
  }
  return messages
}
