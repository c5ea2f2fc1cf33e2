/** Publishing of a device's keys. Spec: client-server-api#post_matrixclientv3keysupload. */

import { canonicalJson, isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Writer } from '../store/index.ts'
import type { Caller } from '../users/index.ts'
import { announceKeyCounts, badParameter, type DeviceContext, markChanged } from './device-context.ts'
import { findDeviceKeys, upsertDeviceKeys } from './device-key-table.ts'
import { deviceLimits } from './limits.ts'
import {
  insertOneTimeKey,
  listFallbackKeys,
  listKeyCounts,
  listOneTimeKeys,
  upsertFallbackKey,
} from './one-time-key-table.ts'

/** The device whose keys are published: the caller's, or a dehydrated one of the caller's. */
export type KeyOwner = Pick<Caller, 'userId' | 'user'> & { readonly deviceId: NonNullable<Caller['deviceId']> }

type NamedKey = { readonly algorithm: string; readonly keyId: string; readonly content: string }

/** Issue numbers of one upload: keys are handed out in the order in which they were listed. */
const issuesPerUpload = 4096

/** Throws M_INVALID_PARAM, M_BAD_JSON, M_TOO_LARGE. */
export async function uploadKeys(context: DeviceContext, caller: Caller, body: JsonObject): Promise<JsonObject> {
  const { deviceId } = caller
  if (deviceId === undefined) throw badParameter('Keys are a device’s: log in with a device.')
  const owner = { userId: caller.userId, user: caller.user, deviceId }
  await context.turns.run(owner.user, async () => {
    const write = await prepareUpload(context, owner, body)
    if (write === undefined) return
    await context.store.transact(write)
    announceKeyCounts(context, owner.user, deviceId)
  })
  const counts = await listKeyCounts(context.store.reader, owner.user, deviceId)
  // A count of zero is told as well: clients take a missing one for "unknown".
  const named = {
    signed_curve25519: 0,
    ...Object.fromEntries(counts.map(({ algorithm, count }) => [algorithm, count])),
  }
  return { one_time_key_counts: named }
}

/** What is to be written; undefined: all is there already. Must hold the user's turn. */
export async function prepareUpload(
  context: DeviceContext,
  owner: KeyOwner,
  body: JsonObject,
): Promise<((tx: Writer) => void) | undefined> {
  const identity = await changedIdentity(context, owner, body.device_keys)
  const oneTime = await newOneTimeKeys(context, owner, body.one_time_keys)
  const fallbacks = await newFallbackKeys(context, owner, body.fallback_keys)
  if (identity === undefined && oneTime.length + fallbacks.length === 0) return undefined
  const { user, deviceId: device } = owner
  return (tx) => {
    if (identity !== undefined) {
      upsertDeviceKeys(tx, { user, device, keys: identity })
      markChanged(context, tx, user)
    }
    if (oneTime.length + fallbacks.length === 0) return
    const first = context.journal.append(tx, { kind: 'one-time-keys', user, device }) * issuesPerUpload
    for (const [index, key] of oneTime.entries()) insertOneTimeKey(tx, { user, device, ...key, issue: first + index })
    for (const { algorithm, keyId, content } of fallbacks) {
      upsertFallbackKey(tx, { user, device, algorithm }, { key_id: keyId, content })
    }
  }
}

async function changedIdentity(
  context: DeviceContext,
  { userId, user, deviceId }: KeyOwner,
  keys: JsonValue | undefined,
): Promise<string | undefined> {
  if (keys === undefined || keys === null) return undefined
  if (!isJsonObject(keys)) throw new MatrixError('M_BAD_JSON', 'device_keys must be an object.')
  if (keys.user_id !== userId) throw badParameter('device_keys.user_id is not the user who is logged in.')
  if (keys.device_id !== deviceId) throw badParameter('device_keys.device_id is not the device that is logged in.')
  if (!Array.isArray(keys.algorithms) || !isJsonObject(keys.keys) || !isJsonObject(keys.signatures)) {
    throw new MatrixError('M_BAD_JSON', 'device_keys needs algorithms, keys and signatures.')
  }
  if (![...keys.algorithms, ...Object.values(keys.keys)].every((text) => typeof text === 'string')) {
    throw new MatrixError('M_BAD_JSON', 'Algorithms and public keys must be strings.')
  }
  if (!areSignatures(keys.signatures))
    throw new MatrixError('M_BAD_JSON', 'signatures must be strings by user and key.')
  const { unsigned: _, ...shown } = keys
  const text = textOf(shown)
  return text === (await findDeviceKeys(context.store.reader, user, deviceId)) ? undefined : text
}

/** True for signatures by user and key. */
function areSignatures(value: JsonValue | undefined): boolean {
  const isMap = (of: JsonValue) => isJsonObject(of) && Object.values(of).every((text) => typeof text === 'string')
  return isJsonObject(value) && Object.values(value).every((own) => own !== undefined && isMap(own))
}

function textOf(key: JsonValue): string {
  const text = JSON.stringify(key)
  if (Buffer.byteLength(text) <= deviceLimits.keyBytesMax) return text
  throw new MatrixError('M_TOO_LARGE', `A key has at most ${deviceLimits.keyBytesMax} bytes.`)
}

function parseKeys(keys: JsonValue | undefined, what: string): NamedKey[] {
  if (keys === undefined || keys === null) return []
  if (!isJsonObject(keys)) throw new MatrixError('M_BAD_JSON', `${what} must be an object.`)
  return Object.entries(keys).map(([name, key]) => {
    const colon = name.indexOf(':')
    if (colon < 1 || name.length > 255) throw badParameter(`${name.slice(0, 255)} is not named <algorithm>:<key ID>.`)
    const isSigned = isJsonObject(key) && typeof key.key === 'string' && areSignatures(key.signatures)
    if (!isSigned && typeof key !== 'string') {
      throw new MatrixError('M_BAD_JSON', `${name} must be a string or an object with a key and signatures.`)
    }
    return { algorithm: name.slice(0, colon), keyId: name.slice(colon + 1), content: textOf(key) }
  })
}

/** Keys that are there already with the same content are left out. */
async function newOneTimeKeys(
  context: DeviceContext,
  { user, deviceId }: KeyOwner,
  given: JsonValue | undefined,
): Promise<NamedKey[]> {
  const keys = parseKeys(given, 'one_time_keys')
  if (keys.length === 0) return keys
  if (keys.length > deviceLimits.oneTimeKeysPerUploadMax) throw badParameter('Too many one-time keys in one upload.')
  const { reader } = context.store
  const ids = keys.map(({ keyId }) => keyId)
  const known = new Map<string, string>()
  for (const row of await listOneTimeKeys(reader, user, deviceId, ids)) {
    known.set(`${row.algorithm}:${row.key_id}`, row.content)
  }
  const fresh = keys.filter(({ algorithm, keyId, content }) => {
    const before = known.get(`${algorithm}:${keyId}`)
    if (before !== undefined && !isSame(before, content)) {
      throw badParameter(`The one-time key ${algorithm}:${keyId} exists already with another content.`)
    }
    return before === undefined
  })
  const counts = await listKeyCounts(reader, user, deviceId)
  const total = counts.reduce((sum, { count }) => sum + count, fresh.length)
  if (total > deviceLimits.oneTimeKeysPerDeviceMax) throw badParameter('The device has too many one-time keys.')
  return fresh
}

function isSame(before: string, after: string): boolean {
  return before === after || canonicalJson(JSON.parse(before)) === canonicalJson(JSON.parse(after))
}

/** The same key again stays used if it was. */
async function newFallbackKeys(
  context: DeviceContext,
  { user, deviceId }: KeyOwner,
  given: JsonValue | undefined,
): Promise<NamedKey[]> {
  const keys = parseKeys(given, 'fallback_keys')
  if (keys.length === 0) return keys
  const known = await listFallbackKeys(context.store.reader, user, deviceId)
  const algorithms = new Set([...keys, ...known].map(({ algorithm }) => algorithm))
  if (algorithms.size > deviceLimits.fallbackAlgorithmsMax) throw badParameter('Too many kinds of fallback keys.')
  return keys.filter(({ algorithm, keyId, content }) => {
    const before = known.find((row) => row.algorithm === algorithm && row.key_id === keyId)
    return before === undefined || !isSame(before.content, content)
  })
}
