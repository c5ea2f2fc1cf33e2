/** Cross-signing keys. Spec: client-server-api#post_matrixclientv3keysdevice_signingupload. */

import {
  canonicalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  type UserId,
  verifyJson,
} from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Authenticated, Caller } from '../users/index.ts'
import { listCrossSigning, removeSignaturesOf, type Usage, upsertCrossSigning } from './cross-signing-table.ts'
import { badParameter, type DeviceContext, markChanged } from './device-context.ts'
import { deviceLimits } from './limits.ts'
import { publicPartOf } from './public-keys.ts'

type Keys = ReadonlyMap<Usage, JsonObject>

const usages: readonly Usage[] = ['master', 'self_signing', 'user_signing']

/** Throws M_INVALID_PARAM, M_MISSING_PARAM, M_INVALID_SIGNATURE. */
export async function uploadCrossSigning(
  context: DeviceContext,
  caller: Caller,
  body: JsonObject,
): Promise<Authenticated<undefined>> {
  const given = parseKeys(caller.userId, body)
  return context.turns.run(caller.user, async () => {
    const stored = await findCrossSigning(context, caller.user)
    checkSignatures(caller.userId, given, stored)
    if (hasNothingNew(given, stored)) return { done: undefined }
    if (stored.has('master')) {
      const { users } = context
      const challenge = await users.authenticate(caller, 'cross-signing', findAuth(body.auth))
      if (challenge !== undefined) return { challenge }
    }
    await replaceKeys(context, caller.user, given, stored)
    return { done: undefined }
  })
}

function findAuth(auth: JsonValue | undefined): JsonObject | undefined {
  return isJsonObject(auth) ? auth : undefined
}

async function replaceKeys(context: DeviceContext, user: number, given: Keys, stored: Keys): Promise<void> {
  await context.store.transact((tx) => {
    const oldMaster = publicPartOf(stored.get('master') ?? {})
    if (oldMaster !== undefined && isNewMaster(given, stored)) removeSignaturesOf(tx, user, [oldMaster])
    for (const [usage, key] of given) upsertCrossSigning(tx, { user, usage, content: JSON.stringify(key) })
    markChanged(context, tx, user)
  })
}

/** The user's keys by usage. */
export async function findCrossSigning(context: DeviceContext, user: number): Promise<Keys> {
  const rows = await listCrossSigning(context.store.reader, [user])
  return new Map(rows.map(({ usage, content }) => [usage, JSON.parse(content) as JsonObject]))
}

function parseKeys(userId: UserId, body: JsonObject): Keys {
  const keys = new Map<Usage, JsonObject>()
  for (const usage of usages) {
    const key = body[`${usage}_key`]
    if (key !== undefined && key !== null) keys.set(usage, parseKey(userId, usage, key))
  }
  return keys
}

function parseKey(userId: UserId, usage: Usage, key: JsonValue): JsonObject {
  const name = `${usage}_key`
  if (!isJsonObject(key)) throw new MatrixError('M_BAD_JSON', `${name} must be an object.`)
  if (key.user_id !== userId) throw badParameter(`${name}.user_id is not the user who is logged in.`)
  if (!Array.isArray(key.usage) || !key.usage.includes(usage)) throw badParameter(`${name}.usage must name ${usage}.`)
  const parts = isJsonObject(key.keys) ? Object.entries(key.keys) : []
  const [keyId, part] = parts[0] ?? []
  if (parts.length !== 1 || typeof part !== 'string' || keyId !== `ed25519:${part}`) {
    throw badParameter(`${name}.keys must hold one key, named ed25519:<public key>.`)
  }
  if (Buffer.byteLength(JSON.stringify(key)) > deviceLimits.keyBytesMax) throw badParameter(`${name} is too large.`)
  return key
}

/** The other keys are signed by the master key. */
function checkSignatures(userId: UserId, given: Keys, stored: Keys): void {
  const master = given.get('master') ?? stored.get('master')
  for (const [usage, key] of given) {
    if (usage === 'master') continue
    const part = master && publicPartOf(master)
    if (part === undefined) throw new MatrixError('M_MISSING_PARAM', 'There is no master key yet.')
    if (!verifyJson(key, userId, new Map([[`ed25519:${part}`, part]]))) {
      throw new MatrixError('M_INVALID_SIGNATURE', `${usage}_key is not signed by the master key.`)
    }
  }
}

function hasNothingNew(given: Keys, stored: Keys): boolean {
  return [...given].every(([usage, key]) => isSameKey(key, stored.get(usage)))
}

function isNewMaster(given: Keys, stored: Keys): boolean {
  const master = given.get('master')
  return master !== undefined && !isSameKey(master, stored.get('master'))
}

function isSameKey(key: JsonObject, other: JsonObject | undefined): boolean {
  const withoutSignatures = ({ signatures: _, ...rest }: JsonObject): string => canonicalJson(rest)
  return other !== undefined && withoutSignatures(key) === withoutSignatures(other)
}
