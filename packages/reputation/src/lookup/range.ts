/**
 * Looking a row up by the first bits of its index only: the feed learns that it is one of a crowd. All answers of a
 * feed have the same length, and every question goes with decoys that are always the same for it, so that asking
 * again tells nothing new.
 */

import type { EntityKey } from '../entity.ts'
import { ReputationError } from '../errors.ts'
import { hkdf } from '../feed/hash.ts'
import { ROW_BYTES } from '../feed/row.ts'
import { feedLimits } from '../limits.ts'

const INDEX_BYTES = 16
const encoder = new TextEncoder()

/** The bits to ask with, so that each bucket has 256 rows or more: floor(log2(rows / 256)). */
export function rangeBits(rows: number): number {
  const bits = Math.floor(Math.log2(rows / feedLimits.rangeRowsMin))
  return Math.min(Math.max(bits, 0), feedLimits.rangeBitsMax)
}

/** The first bits of an index (or a row), as a number. */
export function prefixOf(index: Uint8Array, bits: number): number {
  return bits === 0 ? 0 : new DataView(index.buffer, index.byteOffset).getUint32(0) >>> (32 - bits)
}

export interface RangeTable {
  readonly bits: number
  /** Rows in every answer: those of the fullest bucket. */
  readonly rowsInAnswer: number
  /** The rows whose index begins so, ascending, with as many of no meaning as are missing. Throws `bad-feed`. */
  read(prefix: number): Uint8Array
}

/** Buckets of sealed rows. `secret` (32 bytes) makes the rows of no meaning: without it they look like others. */
export function createRangeTable(
  rows: readonly Uint8Array[],
  secret: Uint8Array,
  bits = rangeBits(rows.length),
): RangeTable {
  if (rows.length > feedLimits.rowsMax) throw new ReputationError('too-many', 'A feed has fewer rows.')
  const buckets = Map.groupBy(rows, (row) => prefixOf(row, bits))
  let rowsInAnswer = 1
  for (const bucket of buckets.values()) rowsInAnswer = Math.max(rowsInAnswer, bucket.length)
  return {
    bits,
    rowsInAnswer,
    read(prefix) {
      requirePrefix(prefix, bits)
      const real = buckets.get(prefix) ?? []
      const all = [...real, ...fillRows(secret, prefix, bits, rowsInAnswer - real.length)].sort(compareRows)
      const answer = new Uint8Array(rowsInAnswer * ROW_BYTES)
      for (const [at, row] of all.entries()) answer.set(row, at * ROW_BYTES)
      return answer
    },
  }
}

function requirePrefix(prefix: number, bits: number): void {
  if (Number.isInteger(prefix) && prefix >= 0 && prefix < 2 ** bits) return
  throw new ReputationError('bad-feed', `A prefix here has ${bits} bits.`)
}

/** Rows that nobody can open, always the same ones for a prefix. */
function fillRows(secret: Uint8Array, prefix: number, bits: number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, at) => {
    const row = hkdf(secret, encoder.encode(`reputation-range-fill-v1\n${bits}\n${prefix}\n${at}`), ROW_BYTES)
    if (bits === 0) return row
    const view = new DataView(row.buffer, row.byteOffset)
    const rest = view.getUint32(0) & (0xffffffff >>> bits)
    view.setUint32(0, ((prefix << (32 - bits)) | rest) >>> 0)
    // The number of a true row is small; one of no meaning must not stand out by its own.
    view.setUint32(INDEX_BYTES, view.getUint32(INDEX_BYTES) % FILL_NUMBER_MAX)
    return row
  })
}

const FILL_NUMBER_MAX = 1_000_000

function compareRows(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < ROW_BYTES; at++) if (left[at] !== right[at]) return left[at]! - right[at]!
  return 0
}

/**
 * The prefixes to ask for, ascending: that of the index and decoys, which depend on the asker's secret (32 bytes) and
 * on the prefix alone. Two names of one bucket ask the same.
 */
export function planQuestion(secret: Uint8Array, scope: string, index: Uint8Array, bits: number): number[] {
  const prefix = prefixOf(index, bits)
  const wanted = Math.min(feedLimits.rangeDecoys + 1, 2 ** bits)
  const prefixes = new Set([prefix])
  for (let turn = 0; prefixes.size < wanted; turn++) {
    const bytes = hkdf(secret, encoder.encode(`reputation-decoy-v1\n${scope}\n${bits}\n${prefix}\n${turn}`), 4)
    prefixes.add(prefixOf(bytes, bits))
  }
  return [...prefixes].sort((left, right) => left - right)
}

/** The rows of an answer at an index (16 bytes); throws `bad-feed` unless the answer is whole rows. */
export function findInRange(answer: Uint8Array, index: Uint8Array): Uint8Array[] {
  if (answer.length % ROW_BYTES !== 0) throw new ReputationError('bad-feed', 'An answer has whole rows.')
  const found: Uint8Array[] = []
  for (let at = 0; at < answer.length; at += ROW_BYTES) {
    const row = answer.subarray(at, at + ROW_BYTES)
    if (index.every((byte, place) => row[place] === byte)) found.push(row)
  }
  return found
}

/** The bytes of an entity that go into the oblivious function. */
export function oprfInput(entity: EntityKey): Uint8Array {
  return encoder.encode(entity)
}
