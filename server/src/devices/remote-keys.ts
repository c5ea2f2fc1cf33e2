/**
 * Keys of other servers' users, asked for side by side. Of what a server answers only what concerns the users that were
 * asked for, and names them rightly, is passed on. Spec: server-server-api#end-to-end-encryption.
 */

import { isJsonObject, type JsonObject, type JsonValue, type ServerName } from '@parallax/protocol'
import { RemoteError } from '../remote/index.ts'
import type { DeviceContext } from './device-context.ts'
import { deviceLimits } from './limits.ts'

/** What is asked for, by server and user. */
export type AskedElsewhere = ReadonlyMap<ServerName, Readonly<Record<string, JsonValue>>>

/** By server; those that did not answer are among the failures. */
export type AnsweredElsewhere = {
  readonly replies: readonly JsonObject[]
  readonly failures: Readonly<Record<string, { readonly message: string }>>
}

/** Parts of the replies to a query, by user. */
export async function queryElsewhere(context: DeviceContext, asked: AskedElsewhere): Promise<AnsweredElsewhere> {
  return askAll(context, asked, async (parties, users) => {
    const reply = await context.remote!.calls.queryUserKeys(parties, users as Record<string, string[]>)
    return {
      device_keys: pick(reply.device_keys, users, (userId, devices) => ownDevices(userId, devices)),
      master_keys: pick(reply.master_keys, users, (userId, key) => (isKeyOf(userId, key) ? key : undefined)),
      self_signing_keys: pick(reply.self_signing_keys, users, (userId, key) =>
        isKeyOf(userId, key) ? key : undefined,
      ),
    }
  })
}

/** One-time keys, by user and device. */
export async function claimElsewhere(context: DeviceContext, asked: AskedElsewhere): Promise<AnsweredElsewhere> {
  return askAll(context, asked, async (parties, users) => {
    const reply = await context.remote!.calls.claimUserKeys(parties, users as Record<string, Record<string, string>>)
    return { one_time_keys: pick(reply.one_time_keys, users, (_, keys) => (isJsonObject(keys) ? keys : undefined)) }
  })
}

type Users = Readonly<Record<string, JsonValue>>
type Parties = { readonly origin: ServerName; readonly destination: ServerName }

async function askAll(
  context: DeviceContext,
  asked: AskedElsewhere,
  ask: (parties: Parties, users: Users) => Promise<JsonObject>,
): Promise<AnsweredElsewhere> {
  const replies: JsonObject[] = []
  const failures: Record<string, { message: string }> = {}
  const askOne = async (destination: ServerName, users: Users): Promise<void> => {
    const { remote, ownServer } = context
    if (remote === undefined || ownServer === undefined || !remote.isAllowed(destination)) {
      failures[destination] = { message: 'This server does not talk to that one.' }
      return
    }
    try {
      replies.push(await inTime(context, ask({ origin: ownServer, destination }, users)))
    } catch (error) {
      if (!(error instanceof RemoteError)) throw error
      failures[destination] = { message: `That server could not be asked (${error.kind}).` }
    }
  }
  await Promise.all([...asked].map(([server, users]) => askOne(server, users)))
  return { replies, failures }
}

/** Clients wait for all servers: the slow ones count as failed. */
function inTime<T>({ clock }: DeviceContext, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = new RemoteError('timeout', 'it took too long')
    const cancel = clock.schedule(deviceLimits.remoteKeysMs, () => reject(late))
    answer.then(resolve, reject).finally(cancel)
  })
}

function pick(
  given: JsonValue | undefined,
  users: Users,
  check: (userId: string, value: JsonValue) => JsonValue | undefined,
): JsonObject {
  const picked: JsonObject = {}
  if (!isJsonObject(given)) return picked
  for (const userId of Object.keys(users)) {
    const value = Object.hasOwn(given, userId) ? given[userId] : undefined
    const passed = value === undefined ? undefined : check(userId, value)
    if (passed !== undefined) picked[userId] = passed
  }
  return picked
}

function ownDevices(userId: string, devices: JsonValue): JsonObject | undefined {
  if (!isJsonObject(devices)) return undefined
  const own = Object.entries(devices).filter(([device, keys]) => isDeviceOf(userId, device, keys))
  return Object.fromEntries(own)
}

function isDeviceOf(userId: string, device: string, keys: JsonValue | undefined): boolean {
  if (!isJsonObject(keys) || keys.user_id !== userId || keys.device_id !== device) return false
  return Array.isArray(keys.algorithms) && isJsonObject(keys.keys) && isJsonObject(keys.signatures)
}

function isKeyOf(userId: string, key: JsonValue): boolean {
  return isJsonObject(key) && key.user_id === userId
}
