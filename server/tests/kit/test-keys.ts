/** Keys as clients make them: devices, one-time keys, cross-signing. */

import { randomBytes } from 'node:crypto'
import {
  createSigningKey,
  isJsonObject,
  type JsonObject,
  type SigningKey,
  signedJsonText,
  signText,
} from '@parallax/protocol'
import type { TestUser } from './in-process.ts'

/** A key pair. */
export function newKey(): SigningKey {
  return createSigningKey('1', randomBytes(32))
}

/** The object with one more signature of the user. */
export function signAs(userId: string, object: JsonObject, key: SigningKey, keyName = key.publicKey): JsonObject {
  const signatures = isJsonObject(object.signatures) ? object.signatures : {}
  const own = isJsonObject(signatures[userId]) ? signatures[userId] : {}
  const signature = signText(key, signedJsonText(object))
  return { ...object, signatures: { ...signatures, [userId]: { ...own, [`ed25519:${keyName}`]: signature } } }
}

/** The identity keys of the user's device, signed by the device. */
export function deviceKeysOf({ userId, deviceId }: TestUser, key: SigningKey): JsonObject {
  const keys = {
    user_id: userId,
    device_id: deviceId,
    algorithms: ['m.olm.v1.curve25519-aes-sha2', 'm.megolm.v1.aes-sha2'],
    keys: { [`curve25519:${deviceId}`]: newKey().publicKey, [`ed25519:${deviceId}`]: key.publicKey },
  }
  return signAs(userId, keys, key, deviceId)
}

export type CrossSigning = {
  readonly master: SigningKey
  readonly selfSigning: SigningKey
  readonly userSigning: SigningKey
  /** The body of an upload. */
  readonly body: JsonObject & Record<'master_key' | 'self_signing_key' | 'user_signing_key', JsonObject>
}

/** New cross-signing keys of a user. */
export function crossSigningOf(userId: string): CrossSigning {
  const master = newKey()
  const selfSigning = newKey()
  const userSigning = newKey()
  const part = (usage: string, key: SigningKey): JsonObject => ({
    user_id: userId,
    usage: [usage],
    keys: { [`ed25519:${key.publicKey}`]: key.publicKey },
  })
  const body = {
    master_key: part('master', master),
    self_signing_key: signAs(userId, part('self_signing', selfSigning), master),
    user_signing_key: signAs(userId, part('user_signing', userSigning), master),
  }
  return { master, selfSigning, userSigning, body }
}

/** One-time keys by name, `signed_curve25519:<name>`. */
export function oneTimeKeys(names: readonly string[], more: JsonObject = {}): JsonObject {
  return Object.fromEntries(
    names.map((name) => [`signed_curve25519:${name}`, { key: newKey().publicKey, signatures: {}, ...more }]),
  )
}
