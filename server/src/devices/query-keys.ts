/** Asking for the keys of users. Spec: client-server-api#post_matrixclientv3keysquery. */

import {
  findServerName,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonString,
  type ServerName,
  type UserId,
} from '@parallax/protocol'
import type { Caller } from '../users/index.ts'
import { listSignaturesBy, type SignatureRow } from './cross-signing-table.ts'
import { badParameter, badShape, type DeviceContext } from './device-context.ts'
import { deviceLimits } from './limits.ts'
import type { UserKeys } from './public-keys.ts'
import { type AskedElsewhere, queryElsewhere } from './remote-keys.ts'

/** Asked devices by user; an empty list stands for all. */
type Asked = ReadonlyMap<UserId, readonly string[]>

/** JSON text of the reply; `viewer` undefined: another server. Throws M_BAD_JSON, M_INVALID_PARAM. */
export async function queryKeys(context: DeviceContext, viewer: Caller | undefined, body: JsonObject): Promise<string> {
  const { local, remote } = parseAsked(context, body)
  const numbers = await numbersOf(context, [...local.keys()])
  const found = await context.publicKeys.list(new Map(numbers.map(([userId, user]) => [user, userId])))
  const byUser = new Map(numbers.map(([userId, user]) => [userId, { user, keys: found.get(user)! }]))
  const hasMaster = numbers.some(([, user]) => found.get(user)?.master !== undefined)
  const signed = viewer !== undefined && hasMaster ? await findSignatures(context, viewer.user) : noSignatures
  const devices: string[] = []
  const masters: string[] = []
  const selfSigning: string[] = []
  const userSigning: string[] = []
  for (const [userId, asked] of local) {
    const known = byUser.get(userId)
    if (known === undefined) {
      devices.push(`${jsonString(userId)}:{}`)
      continue
    }
    const { user, keys } = known
    devices.push(keys.label + (asked.length === 0 ? keys.devices : chosenDevices(keys, asked)))
    if (keys.master !== undefined) masters.push(keys.label + masterFor(viewer, keys, signed.get(user)))
    if (keys.selfSigning !== undefined) selfSigning.push(keys.label + keys.selfSigning)
    if (user === viewer?.user && keys.userSigning !== undefined) userSigning.push(keys.label + keys.userSigning)
  }
  const elsewhere = await queryElsewhere(context, remote)
  for (const reply of elsewhere.replies) {
    devices.push(...members(reply.device_keys))
    masters.push(...members(reply.master_keys))
    selfSigning.push(...members(reply.self_signing_keys))
  }
  const text =
    `{"device_keys":{${devices.join(',')}},"master_keys":{${masters.join(',')}},` +
    `"self_signing_keys":{${selfSigning.join(',')}}`
  if (viewer === undefined) return `${text}}`
  return `${text},"failures":${JSON.stringify(elsewhere.failures)},"user_signing_keys":{${userSigning.join(',')}}}`
}

/** Members of an object as texts. */
function members(value: JsonValue | undefined): string[] {
  if (!isJsonObject(value)) return []
  return Object.entries(value).map(([name, each]) => `${jsonString(name)}:${JSON.stringify(each)}`)
}

function parseAsked(context: DeviceContext, body: JsonObject): { local: Asked; remote: AskedElsewhere } {
  const { device_keys: asked } = body
  if (!isJsonObject(asked)) throw badShape('device_keys must be an object.')
  const local = new Map<UserId, readonly string[]>()
  const remote = new Map<ServerName, Record<string, JsonValue>>()
  const entries = Object.entries(asked)
  if (entries.length > deviceLimits.queriedUsersMax) throw badParameter('Too many users in one query.')
  for (const [userId, devices] of entries) {
    const server = userId.startsWith('@') ? findServerName(userId) : undefined
    if (server === undefined) throw badParameter(`${userId.slice(0, 255)} is no user ID.`)
    if (!Array.isArray(devices)) throw badShape('The devices of a user must be a list of device IDs.')
    if (!devices.every((device) => typeof device === 'string')) throw badShape('A device ID must be a string.')
    if (context.isLocal(server)) local.set(userId as UserId, devices)
    else remote.set(server, { ...remote.get(server), [userId]: devices })
  }
  return { local, remote }
}

/** Numbers of those users that have one. */
async function numbersOf(context: DeviceContext, userIds: readonly UserId[]): Promise<[UserId, number][]> {
  const found: [UserId, number][] = []
  const missing: UserId[] = []
  for (const userId of userIds) {
    const user = context.names.peek(userId)
    if (user === undefined) missing.push(userId)
    else found.push([userId, user])
  }
  if (missing.length === 0) return found
  for (const [index, user] of (await context.names.find(missing)).entries()) {
    if (user !== undefined) found.push([missing[index]!, user])
  }
  return found
}

function chosenDevices(keys: UserKeys, asked: readonly string[]): string {
  const texts: string[] = []
  for (const device of new Set(asked)) {
    const text = keys.byDevice.get(device)
    if (text !== undefined) texts.push(`${jsonString(device)}:${text}`)
  }
  return `{${texts.join(',')}}`
}

const noSignatures: ReadonlyMap<number, SignatureRow[]> = new Map()

/** The viewer's signatures of others' master keys, by user. */
async function findSignatures(context: DeviceContext, viewer: number): Promise<ReadonlyMap<number, SignatureRow[]>> {
  const rows = await listSignaturesBy(context.store.reader, viewer)
  return rows.length === 0 ? noSignatures : Map.groupBy(rows, (row) => row.user)
}

/** The viewer's own signatures are for the viewer only. */
function masterFor(viewer: Caller | undefined, keys: UserKeys, signed: readonly SignatureRow[] | undefined): string {
  const rows = signed?.filter((row) => row.target === keys.masterId) ?? []
  if (rows.length === 0 || viewer === undefined) return keys.master!
  const master: JsonObject = JSON.parse(keys.master!)
  const signatures = isJsonObject(master.signatures) ? master.signatures : {}
  const own = Object.fromEntries(rows.map((row) => [row.keyId, row.signature]))
  return JSON.stringify({ ...master, signatures: { ...signatures, [viewer.userId]: own } })
}
