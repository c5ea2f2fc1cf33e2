/**
 * A sealed statement in 76 bytes: 16 of index, by which only who knows the entity finds it; 4 of number, never used
 * twice by a feed; 40 sealed, and their tag of 16. Without the entity neither value, context nor reason can be read.
 *
 * Sealed: version, value (signed), confidence, context and reason as numbers in the manifest (reason 0: none), hops,
 * how many origins, 0; issued and expires in seconds (0: never), big-endian; six keyed hashes of origins, 4 bytes each.
 */

import type { EntityKey } from '../entity.ts'
import { ReputationError } from '../errors.ts'
import { feedLimits, slowHash } from '../limits.ts'
import { encodeBase64 } from './base64.ts'
import { argon2idAside, hkdf, sha256 } from './hash.ts'
import { argon2id, open, seal } from './sodium.ts'

const INDEX_BYTES = 16
const NUMBER_BYTES = 4
const PAYLOAD_BYTES = 40
const HEAD_BYTES = INDEX_BYTES + NUMBER_BYTES
const ORIGIN_BYTES = 4
const ORIGINS_AT = 16
/** Bytes of a row. */
export const ROW_BYTES = HEAD_BYTES + PAYLOAD_BYTES + 16
/** Origins that fit into a row. */
export const rowOriginsMax = (PAYLOAD_BYTES - ORIGINS_AT) / ORIGIN_BYTES
const VERSION = 1
const encoder = new TextEncoder()

/** What is sealed. Context and reason are places in the lists of the manifest. */
export type RowPayload = {
  /** -100 to 100, and 1 to 99. */
  readonly opinion: number
  readonly confidence: number
  readonly context: number
  readonly reason?: number
  /** How often it was passed on. */
  readonly hops: number
  /** In seconds. */
  readonly issued: number
  readonly expires?: number
  /** Keyed hashes of at most six origins, 8 hexadecimal digits each. */
  readonly origins: readonly string[]
}

export type Row = {
  readonly bytes: Uint8Array
  readonly index: Uint8Array
  readonly number: number
  readonly box: Uint8Array
}

/** Where an entity's rows of a feed and epoch stand, and what opens them. Secret to who does not know the entity. */
export type RowKeys = { readonly index: Uint8Array; readonly key: Uint8Array; readonly bound: Uint8Array }

/** A plain hash: quick to try a dictionary on. Compatibility only. */
export function hashFast(entity: EntityKey): Uint8Array {
  return sha256(entity)
}

/** A memory-hard hash with the salt of an epoch (16 bytes): about 60 ms. */
export function hashSlow(entity: EntityKey, salt: Uint8Array): Uint8Array {
  return argon2id(encoder.encode(entity), salt, slowHash.turns, slowHash.memoryBytes)
}

/** The same on another thread. */
export function hashSlowAside(entity: EntityKey, salt: Uint8Array): Promise<Uint8Array> {
  return argon2idAside(encoder.encode(entity), salt, slowHash.turns, slowHash.memoryBytes)
}

/** The hash of an entity as only an audience finds it: with the key (32 bytes) that its members were given. */
export function hashForAudience(hashed: Uint8Array, audienceKey: Uint8Array): Uint8Array {
  const both = new Uint8Array(hashed.length + audienceKey.length)
  both.set(audienceKey)
  both.set(hashed, audienceKey.length)
  return hkdf(both, encoder.encode('reputation-audience-v1'), 32)
}

/** The salt of an epoch: nobody can compute ahead of the beacon, which is public and new. */
export function epochSalt(epoch: number, beacon: string): Uint8Array {
  return sha256(`reputation-epoch-v1\n${epoch}\n${beacon}`).subarray(0, 16)
}

/** The keys of an entity, by its hash (`hashFast`, `hashSlow`, or an oblivious one), in a feed (its key) and epoch. */
export function deriveRowKeys(hashed: Uint8Array, publicKey: string, epoch: number): RowKeys {
  const scope = encoder.encode(`reputation-row-v1\n${publicKey}\n${epoch}`)
  const both = hkdf(hashed, scope, INDEX_BYTES + 32)
  return { index: both.subarray(0, INDEX_BYTES), key: both.subarray(INDEX_BYTES), bound: scope }
}

/**
 * The keyed hash under which a blend names an origin, 8 digits. Its key is the entity: who knows both sees
 * that blends of several feeds rest on the same word.
 */
export function hashOrigin(entity: EntityKey, origin: string): string {
  const hashed = hkdf(encoder.encode(entity), encoder.encode(`reputation-origin-v1\n${origin}`), ORIGIN_BYTES)
  return Array.from(hashed, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** A sealed row. `number` must never be used twice by the feed. Throws `bad-statement` for what does not fit. */
export function sealRow(keys: RowKeys, number: number, payload: RowPayload): Uint8Array {
  const bytes = new Uint8Array(ROW_BYTES)
  bytes.set(keys.index)
  new DataView(bytes.buffer).setUint32(INDEX_BYTES, requireBetween(number, 0, 0xffffffff))
  bytes.set(seal(packPayload(payload), keys.bound, nonceOf(number), keys.key), HEAD_BYTES)
  return bytes
}

/** The parts of a row; throws `bad-feed` unless it has the bytes of one. */
export function parseRow(bytes: Uint8Array): Row {
  if (bytes.length !== ROW_BYTES) throw new ReputationError('bad-feed', `A row has ${ROW_BYTES} bytes.`)
  const number = new DataView(bytes.buffer, bytes.byteOffset).getUint32(INDEX_BYTES)
  return { bytes, index: bytes.subarray(0, INDEX_BYTES), number, box: bytes.subarray(HEAD_BYTES) }
}

/** What a row says; undefined if it was sealed for another entity, feed or epoch, or is none that we understand. */
export function openRow(keys: RowKeys, row: Row): RowPayload | undefined {
  const payload = open(row.box, keys.bound, nonceOf(row.number), keys.key)
  return payload === undefined ? undefined : unpackPayload(payload)
}

/** The ID of a row in its feed. */
export function rowId(bytes: Uint8Array): string {
  return encodeBase64(bytes.subarray(0, HEAD_BYTES))
}

function nonceOf(number: number): Uint8Array {
  const nonce = new Uint8Array(24)
  new DataView(nonce.buffer).setUint32(0, number)
  return nonce
}

function packPayload({ opinion, confidence, context, reason, hops, issued, expires, origins }: RowPayload): Uint8Array {
  const bytes = new Uint8Array(PAYLOAD_BYTES)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, VERSION)
  view.setInt8(1, requireBetween(opinion, -100, 100))
  view.setUint8(2, requireBetween(confidence, 1, 99))
  view.setUint8(3, requireBetween(context, 0, feedLimits.contextsMax - 1))
  view.setUint8(4, reason === undefined ? 0 : requireBetween(reason, 0, feedLimits.contextsMax - 1) + 1)
  view.setUint8(5, requireBetween(hops, 0, feedLimits.hopsMax))
  view.setUint8(6, requireBetween(origins.length, 0, rowOriginsMax))
  view.setUint32(8, requireBetween(issued, 0, 0xffffffff))
  view.setUint32(12, requireBetween(expires ?? 0, 0, 0xffffffff))
  for (const [at, origin] of origins.entries()) {
    if (!/^[0-9a-f]{8}$/.test(origin)) throw new ReputationError('bad-statement', 'An origin here is 8 digits.')
    view.setUint32(ORIGINS_AT + at * ORIGIN_BYTES, Number.parseInt(origin, 16))
  }
  return bytes
}

function unpackPayload(bytes: Uint8Array): RowPayload | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const [opinion, confidence, context] = [view.getInt8(1), view.getUint8(2), view.getUint8(3)]
  const [reason, hops, count] = [view.getUint8(4), view.getUint8(5), view.getUint8(6)]
  const [issued, expires] = [view.getUint32(8), view.getUint32(12)]
  if (view.getUint8(0) !== VERSION || Math.abs(opinion) > 100 || confidence < 1 || confidence > 99) return undefined
  if (hops > feedLimits.hopsMax || count > rowOriginsMax || (expires !== 0 && expires <= issued)) return undefined
  const origins = Array.from({ length: count }, (_, at) => {
    return view
      .getUint32(ORIGINS_AT + at * ORIGIN_BYTES)
      .toString(16)
      .padStart(8, '0')
  })
  return {
    opinion,
    confidence,
    context,
    ...(reason !== 0 && { reason: reason - 1 }),
    hops,
    issued,
    ...(expires !== 0 && { expires }),
    origins,
  }
}

function requireBetween(value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new ReputationError('bad-statement', `${value} does not fit into a row.`)
}
