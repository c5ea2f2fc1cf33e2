/**
 * Ed25519 by libsodium. The one file of this package that touches a native library. Keys of small order and signatures
 * with a non-canonical S are refused; OpenSSL judges some of these otherwise, so verdicts come from here alone.
 * Spec: appendices#signing-details.
 */

import sodium from 'sodium-native'
import { ProtocolError } from '../errors.ts'
import type { KeyId } from '../ids.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'

/** A server's own signing key. */
export type SigningKey = {
  readonly keyId: KeyId
  /** Unpadded base64, as published. */
  readonly publicKey: string
  /** 32 bytes; secret. */
  readonly seed: Uint8Array
  /** 64 bytes as libsodium wants them; secret. */
  readonly secretKey: Uint8Array
}

const keyVersion = /^[A-Za-z0-9_]{1,64}$/
const encoder = new TextEncoder()
/** Holds a text while it is signed or verified: texts up to the size of an event need no allocation. */
const scratch = new Uint8Array(3 * 65_536)
const signatureScratch = new Uint8Array(64)

/** The key made from a seed of 32 bytes, called `ed25519:<version>`; throws `bad-id` or `bad-signature`. */
export function createSigningKey(version: string, seed: Uint8Array): SigningKey {
  if (!keyVersion.test(version)) throw new ProtocolError('bad-id', 'A key version has letters, digits and _ only')
  if (seed.length !== 32) throw new ProtocolError('bad-signature', 'A signing key seed has 32 bytes')
  const publicKey = new Uint8Array(32)
  const secretKey = new Uint8Array(64)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return { keyId: `ed25519:${version}` as KeyId, publicKey: encodeBase64(publicKey), seed: seed.slice(), secretKey }
}

/** The key of a line `ed25519 <version> <seed in base64>`, the form of Synapse's key files; throws `bad-signature`. */
export function parseKeyLine(line: string): SigningKey {
  const [algorithm, version, seedText, ...rest] = line.trim().split(/\s+/)
  const seed = decodeBase64(seedText ?? '')
  if (algorithm !== 'ed25519' || version === undefined || seed?.length !== 32 || rest.length > 0) {
    throw new ProtocolError('bad-signature', 'A key line is: ed25519 <version> <32 bytes in base64>')
  }
  return createSigningKey(version, seed)
}

/** The line that `parseKeyLine` reads; holds the secret. */
export function formatKeyLine(key: SigningKey): string {
  return `ed25519 ${key.keyId.slice('ed25519:'.length)} ${encodeBase64(key.seed)}`
}

/** The signature of a text's UTF-8 form, in unpadded base64. */
export function signText(key: SigningKey, text: string): string {
  sodium.crypto_sign_detached(signatureScratch, bytesOf(text), key.secretKey)
  return encodeBase64(signatureScratch)
}

/** True if the signature (base64) of the text is that of the public key (32 bytes, or base64). Never throws. */
export function verifyText(publicKey: string | Uint8Array, signature: string, text: string): boolean {
  const keyBytes = typeof publicKey === 'string' ? decodeBase64(publicKey) : publicKey
  const signatureBytes = decodeBase64(signature)
  if (keyBytes?.length !== 32 || signatureBytes?.length !== 64) return false
  return sodium.crypto_sign_verify_detached(signatureBytes, bytesOf(text), keyBytes)
}

/** Valid until the next call. */
function bytesOf(text: string): Uint8Array {
  if (text.length * 3 > scratch.length) return encoder.encode(text)
  return scratch.subarray(0, encoder.encodeInto(text, scratch).written)
}
