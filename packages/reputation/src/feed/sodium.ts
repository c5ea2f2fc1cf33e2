/** Ed25519, XChaCha20-Poly1305, Argon2id by libsodium. The one file of this package that touches a native library. */

import native from 'sodium-native'
import { ReputationError } from '../errors.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { canonicalJson, type Json } from './canonical.ts'

/** What we use of sodium-native, which brings no types. */
type Sodium = {
  crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void
  crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void
  crypto_sign_verify_detached(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean
  crypto_aead_xchacha20poly1305_ietf_encrypt(
    box: Uint8Array,
    message: Uint8Array,
    bound: Uint8Array,
    unused: null,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  crypto_aead_xchacha20poly1305_ietf_decrypt(
    message: Uint8Array,
    unused: null,
    box: Uint8Array,
    bound: Uint8Array,
    nonce: Uint8Array,
    key: Uint8Array,
  ): number
  crypto_pwhash(
    out: Uint8Array,
    password: Uint8Array,
    salt: Uint8Array,
    turns: number,
    bytes: number,
    algorithm: number,
  ): void
  readonly crypto_pwhash_ALG_ARGON2ID13: number
}
const sodium = native as unknown as Sodium

const TAG_BYTES = 16
const encoder = new TextEncoder()

/** The key that a feed signs with. */
export type FeedKey = {
  /** 32 bytes in base64url, as published and pinned. */
  readonly publicKey: string
  /** 64 bytes as libsodium wants them; secret. */
  readonly secretKey: Uint8Array
}

/** What is signed: a signature for one purpose is none for another. */
export type SignedPurpose = 'head' | 'manifest' | 'shard' | 'snapshot'

/** The key made from a seed of 32 random bytes. */
export function createFeedKey(seed: Uint8Array): FeedKey {
  if (seed.length !== 32) throw new ReputationError('bad-feed', 'A seed has 32 bytes.')
  const publicKey = new Uint8Array(32)
  const secretKey = new Uint8Array(64)
  sodium.crypto_sign_seed_keypair(publicKey, secretKey, seed)
  return { publicKey: encodeBase64(publicKey), secretKey }
}

/** The signature of a value's canonical form, in base64url. */
export function sign(key: FeedKey, purpose: SignedPurpose, value: Json): string {
  const signature = new Uint8Array(64)
  sodium.crypto_sign_detached(signature, bytesToSign(purpose, value), key.secretKey)
  return encodeBase64(signature)
}

/** Throws `bad-signature` unless the signature of the value is that of the public key. */
export function checkSignature(publicKey: string, purpose: SignedPurpose, value: Json, signature: string): void {
  const isGood = sodium.crypto_sign_verify_detached(
    decodeBase64(signature, 64),
    bytesToSign(purpose, value),
    decodeBase64(publicKey, 32),
  )
  if (!isGood) throw new ReputationError('bad-signature', `The signature of the ${purpose} is not that of the feed.`)
}

function bytesToSign(purpose: SignedPurpose, value: Json): Uint8Array {
  return encoder.encode(`reputation-feed-v1:${purpose}\n${canonicalJson(value)}`)
}

/** The sealed message, 16 bytes longer. A nonce (24 bytes) must never meet the same key twice. */
export function seal(message: Uint8Array, bound: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array {
  const box = new Uint8Array(message.length + TAG_BYTES)
  sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(box, message, bound, null, nonce, key)
  return box
}

/** The message of a sealed box; undefined if it was not sealed with this key, nonce and bound bytes. */
export function open(box: Uint8Array, bound: Uint8Array, nonce: Uint8Array, key: Uint8Array): Uint8Array | undefined {
  const message = new Uint8Array(box.length - TAG_BYTES)
  try {
    sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(message, null, box, bound, nonce, key)
    return message
  } catch {
    // The library's only sign of a box that was not sealed so.
    return undefined
  }
}

/** Argon2id with one lane: 32 bytes from a password and a salt of 16 bytes. */
export function argon2id(password: Uint8Array, salt: Uint8Array, turns: number, memoryBytes: number): Uint8Array {
  const out = new Uint8Array(32)
  sodium.crypto_pwhash(out, password, salt, turns, memoryBytes, sodium.crypto_pwhash_ALG_ARGON2ID13)
  return out
}
