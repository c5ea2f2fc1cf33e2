/**
 * Messages to devices: a queue for each, in which a message stays until the client asks for what comes after it.
 * Spec: client-server-api#send-to-device-messaging.
 */

import {
  type DeviceId,
  findServerName,
  isJsonObject,
  type JsonObject,
  jsonString,
  type UserId,
} from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { StoreError } from '../store/index.ts'
import { badParameter, type DeviceContext, listAllDevices } from './device-context.ts'
import type { ToDevice } from './devices.ts'
import { deviceLimits } from './limits.ts'
import {
  cutQueue,
  findQueueEnds,
  hasTransaction,
  insertMessage,
  insertTransaction,
  listMessages,
  removeMessages,
  removeTransactionsBefore,
  type SendKey,
} from './to-device-table.ts'

/** What is known of a queue: nothing waits before `oldest` nor after `newest`. */
type Ends = { oldest: number; newest: number }
type Message = { readonly user: number; readonly device: DeviceId; readonly content: JsonObject }

const nothing: Ends = { oldest: Number.POSITIVE_INFINITY, newest: 0 }

export function createToDevice(context: DeviceContext): ToDevice {
  const { store, journal, clock } = context
  const queues = new Lru<string, Ends>(deviceLimits.queuesCachedMax)
  const sinceCheck = new Lru<string, number>(deviceLimits.queuesCachedMax)
  let changes = 0
  let prunedMs = 0

  async function findEnds(user: number, device: DeviceId): Promise<Ends> {
    const known = queues.get(`${user}/${device}`)
    if (known !== undefined) return known
    const before = changes
    const { oldest, newest } = await findQueueEnds(store.reader, user, device)
    const ends = oldest === null || newest === null ? { ...nothing } : { oldest, newest }
    if (changes === before) queues.set(`${user}/${device}`, ends)
    return ends
  }

  function noteAdded(user: number, device: DeviceId, position: number): void {
    changes += 1
    const ends = queues.get(`${user}/${device}`)
    if (ends === undefined) return
    ends.oldest = Math.min(ends.oldest, position)
    ends.newest = Math.max(ends.newest, position)
  }

  /** True every so often: the queue is to be cut to its bound. */
  function isCheckDue(user: number, device: DeviceId): boolean {
    const name = `${user}/${device}`
    const count = (sinceCheck.get(name) ?? 0) + 1
    sinceCheck.set(name, count % deviceLimits.queueCheckEvery)
    return count >= deviceLimits.queueCheckEvery
  }

  async function write(sender: UserId, type: string, key: SendKey, messages: readonly Message[]): Promise<void> {
    const head = `{"type":${jsonString(type)},"sender":${jsonString(sender)},"content":`
    const nowMs = clock.nowMs()
    await store.transact((tx) => {
      insertTransaction(tx, key, nowMs)
      if (nowMs - prunedMs > deviceLimits.transactionKeptMs / 24) {
        removeTransactionsBefore(tx, nowMs - deviceLimits.transactionKeptMs)
        prunedMs = nowMs
      }
      const texts = new Map<JsonObject, string>()
      for (const { user, device, content } of messages) {
        const text = texts.get(content) ?? `${head}${JSON.stringify(content)}}`
        texts.set(content, text)
        const position = journal.append(tx, { kind: 'to-device', user, device })
        insertMessage(tx, { position, user, device, content: text })
        if (isCheckDue(user, device)) cutQueue(tx, user, device, deviceLimits.toDeviceQueueMax)
        tx.onCommitted(() => noteAdded(user, device, position))
      }
    })
  }

  return {
    async sendToDevice(caller, type, transactionId, messages) {
      const key = { user: caller.user, device: caller.deviceId ?? '', transactionId }
      const targets = parseTargets(context, messages)
      if (await hasTransaction(store.reader, key)) return
      try {
        await write(caller.userId, type, key, await resolveTargets(context, targets))
      } catch (error) {
        if (error instanceof StoreError && error.kind === 'unique') return // the same request, side by side
        throw error
      }
    },
    async listToDevice(user, device, after, upTo, limit = deviceLimits.toDevicePageMax) {
      const { newest } = await findEnds(user, device)
      if (newest <= after) return []
      const rows = await listMessages(store.reader, user, device, { after, upTo, limit })
      return rows.map(({ position, content: text }) => ({ position, text }))
    },
    async dropToDevice(user, device, upTo) {
      const ends = await findEnds(user, device)
      if (ends.oldest > upTo) return
      await store.transact((tx) => removeMessages(tx, user, device, upTo))
      const now = queues.get(`${user}/${device}`)
      if (now !== undefined && now.oldest <= upTo) now.oldest = now.newest <= upTo ? Number.POSITIVE_INFINITY : upTo + 1
    },
  }
}

type Target = { readonly userId: UserId; readonly device: string; readonly content: JsonObject }

/** Messages to users of other servers wait for federation: they are dropped while there is none. */
function parseTargets(context: DeviceContext, messages: JsonObject): Target[] {
  const targets: Target[] = []
  for (const [userId, devices] of Object.entries(messages)) {
    const server = userId.startsWith('@') ? findServerName(userId) : undefined
    if (server === undefined) throw badParameter(`${userId.slice(0, 255)} is no user ID.`)
    if (!isJsonObject(devices)) throw badParameter('The messages to a user must be an object.')
    for (const [device, content] of Object.entries(devices)) {
      if (!isJsonObject(content)) throw new MatrixError('M_BAD_JSON', 'The content of a message must be an object.')
      if (context.isLocal(server)) targets.push({ userId: userId as UserId, device, content })
    }
  }
  if (targets.length > deviceLimits.toDeviceTargetsMax) throw badParameter('Too many messages in one request.')
  return targets
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
