/** Signatures of keys that are published already. Spec: client-server-api#post_matrixclientv3keyssignaturesupload. */

import {
  canonicalJson,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  signedJsonText,
  type UserId,
  verifyText,
} from '@parallax/protocol'
import { type Errcode, MatrixError } from '../base/index.ts'
import type { Caller } from '../users/index.ts'
import { findCrossSigning } from './cross-signing.ts'
import { type SignatureRow, type Usage, upsertSignature } from './cross-signing-table.ts'
import { badParameter, type DeviceContext, markChanged } from './device-context.ts'
import { findDeviceKeys } from './device-key-table.ts'
import { deviceLimits } from './limits.ts'
import { publicPartOf } from './public-keys.ts'

type Signed = Omit<SignatureRow, 'position'>
type Own = { readonly caller: Caller; readonly keys: ReadonlyMap<Usage, JsonObject> }

/** The reply: what was refused, by user and by device or key. Throws M_BAD_JSON. */
export async function uploadSignatures(context: DeviceContext, caller: Caller, body: JsonObject): Promise<JsonObject> {
  const failures: Record<string, JsonObject> = {}
  return context.turns.run(caller.user, async () => {
    const own = { caller, keys: await findCrossSigning(context, caller.user) }
    const accepted: Signed[] = []
    for (const { userId, target, object } of listGiven(body)) {
      try {
        accepted.push(...(await checkSigned(context, own, userId as UserId, target, object)))
      } catch (error) {
        if (!(error instanceof MatrixError)) throw error
        failures[userId] = { ...failures[userId], [target]: { errcode: error.errcode, error: error.message } }
      }
    }
    if (accepted.length > 0) await store(context, caller, accepted)
    return { failures }
  })
}

type Given = { readonly userId: string; readonly target: string; readonly object: JsonValue }

function listGiven(body: JsonObject): Given[] {
  const given: Given[] = []
  for (const [userId, objects] of Object.entries(body)) {
    if (!isJsonObject(objects)) throw new MatrixError('M_BAD_JSON', `${userId.slice(0, 255)} must be an object.`)
    for (const [target, object] of Object.entries(objects)) given.push({ userId, target, object: object ?? null })
  }
  if (given.length > deviceLimits.signaturesPerUploadMax) throw badParameter('Too many signatures in one upload.')
  return given
}

async function store(context: DeviceContext, { user }: Caller, accepted: readonly Signed[]): Promise<void> {
  const own = accepted.filter((row) => row.user === user)
  const others = accepted.filter((row) => row.user !== user)
  await context.store.transact((tx) => {
    if (own.length > 0) {
      const position = markChanged(context, tx, user)
      for (const row of own) upsertSignature(tx, { ...row, position })
    }
    if (others.length > 0) {
      const signed = [...new Set(others.map((row) => row.user))]
      const position = context.journal.append(tx, { kind: 'key-signatures', user, signed })
      for (const row of others) upsertSignature(tx, { ...row, position })
    }
  })
}

/** The new signatures of one object; throws MatrixError with the reason of the failure. */
async function checkSigned(
  context: DeviceContext,
  own: Own,
  userId: UserId,
  target: string,
  object: JsonValue,
): Promise<Signed[]> {
  const { caller } = own
  if (!isJsonObject(object)) throw refusal('M_INVALID_PARAM', 'The signed key must be an object.')
  const [user] = await context.names.find([userId])
  const known = user === undefined ? undefined : await findTarget(context, own, { user, target })
  if (user === undefined || known === undefined) throw refusal('M_NOT_FOUND', 'There is no such device or key.')
  if (unsignedText(object) !== unsignedText(known.object)) {
    throw refusal('M_INVALID_PARAM', 'The signed key is not the one that is stored.')
  }
  const given = isJsonObject(object.signatures) ? object.signatures[caller.userId] : undefined
  if (!isJsonObject(given)) throw refusal('M_INVALID_SIGNATURE', 'There is no signature of yours.')
  const before = isJsonObject(known.object.signatures) ? known.object.signatures[caller.userId] : undefined
  const rows: Signed[] = []
  for (const [keyId, signature] of Object.entries(given)) {
    if (isJsonObject(before) && before[keyId] === signature) continue
    const publicKey = await known.findSigner(keyId)
    if (publicKey === undefined) throw refusal('M_INVALID_SIGNATURE', `${keyId} may not sign this key.`)
    if (typeof signature !== 'string' || !verifyText(publicKey, signature, signedJsonText(known.object))) {
      throw refusal('M_INVALID_SIGNATURE', `The signature by ${keyId} is wrong.`)
    }
    rows.push({ user, target, signer: caller.user, keyId, signature })
  }
  return rows
}

function refusal(errcode: Errcode, message: string): MatrixError {
  return new MatrixError(errcode, message)
}

function unsignedText({ signatures: _, unsigned: __, ...rest }: JsonObject): string {
  return canonicalJson(rest)
}

type Target = {
  readonly object: JsonObject
  /** The public part of a key that may sign it, by key ID. */
  readonly findSigner: (keyId: string) => Promise<string | undefined>
}

/** The self-signing key signs own devices, these the own master key, the user-signing key those of others. */
async function findTarget(
  context: DeviceContext,
  { caller, keys }: Own,
  { user, target }: { user: number; target: string },
): Promise<Target | undefined> {
  const byKey = (usage: Usage) => async (keyId: string) => {
    const part = publicPartOf(keys.get(usage) ?? {})
    return part !== undefined && keyId === `ed25519:${part}` ? part : undefined
  }
  if (user !== caller.user) {
    const master = (await findCrossSigning(context, user)).get('master')
    const isMaster = master !== undefined && publicPartOf(master) === target
    return isMaster ? { object: master, findSigner: byKey('user_signing') } : undefined
  }
  const master = keys.get('master')
  if (master !== undefined && publicPartOf(master) === target) {
    return { object: master, findSigner: (keyId) => findDeviceKey(context, user, keyId) }
  }
  const device = await findDeviceKeys(context.store.reader, user, target)
  return device === undefined ? undefined : { object: JSON.parse(device), findSigner: byKey('self_signing') }
}

async function findDeviceKey(context: DeviceContext, user: number, keyId: string): Promise<string | undefined> {
  const text = await findDeviceKeys(context.store.reader, user, keyId.slice(keyId.indexOf(':') + 1))
  const keys: unknown = text === undefined ? undefined : JSON.parse(text).keys
  const key = isJsonObject(keys) ? keys[keyId] : undefined
  return typeof key === 'string' ? key : undefined
}
