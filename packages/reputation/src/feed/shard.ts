/**
 * Many sealed rows in a room: shards, each a state event with the rows whose index begins with its prefix. A change
 * rewrites one of them. A full shard becomes sixteen, so that prefixes are as long as the rows need.
 */

import { ReputationError } from '../errors.ts'
import { feedLimits } from '../limits.ts'
import { decodeBase64, encodeBase64 } from './base64.ts'
import { type Fields, parseInteger, parseText } from './fields.ts'
import { sha256 } from './hash.ts'
import { parseRow, ROW_BYTES } from './row.ts'
import { checkSignature, type FeedKey, sign } from './sodium.ts'

export type Shard = {
  readonly feed: string
  readonly epoch: number
  /** Hexadecimal digits with which the indexes of its rows begin; empty: all. */
  readonly prefix: string
  /** The number of the batch up to which it is. */
  readonly seq: number
  /** Rows of 76 bytes, ascending. */
  readonly rows: Uint8Array
}

export type ShardEvent = {
  readonly type: 'm.reputation.shard'
  readonly state_key: string
  readonly content: { readonly feed: string; readonly seq: number; readonly rows: string; readonly signature: string }
}

const stateKeyForm = /^(0|[1-9][0-9]{0,9})\/([0-9a-f]{0,32})$/

/** The shards of some rows, in the order of their prefixes: at most 500 rows each. Throws `too-many`. */
export function buildShards(
  rows: readonly Uint8Array[],
  about: Pick<Shard, 'feed' | 'epoch' | 'seq'>,
): readonly Shard[] {
  if (rows.length > feedLimits.rowsMax) throw new ReputationError('too-many', 'A feed has fewer rows.')
  const sorted = [...rows].sort(compareBytes)
  const shards: Shard[] = []
  const split = (prefix: string, from: number, to: number): void => {
    if (to - from <= feedLimits.shardRowsMax) {
      shards.push({ ...about, prefix, rows: join(sorted.slice(from, to)) })
      return
    }
    if (prefix.length === 32) throw new ReputationError('too-many', 'Too many rows are about one entity.')
    let start = from
    for (let digit = 0; digit < 16; digit++) {
      let end = start
      while (end < to && digitAt(sorted[end]!, prefix.length) === digit) end++
      split(prefix + digit.toString(16), start, end)
      start = end
    }
  }
  split('', 0, sorted.length)
  return shards
}

function join(rows: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(rows.length * ROW_BYTES)
  for (const [at, row] of rows.entries()) joined.set(row, at * ROW_BYTES)
  return joined
}

function digitAt(row: Uint8Array, place: number): number {
  const byte = row[place >> 1]!
  return place % 2 === 0 ? byte >> 4 : byte & 15
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  for (let at = 0; at < ROW_BYTES; at++) if (left[at] !== right[at]) return left[at]! - right[at]!
  return 0
}

/** The state event of a shard, signed. */
export function writeShard(key: FeedKey, shard: Shard): ShardEvent {
  const { feed, epoch, prefix, seq, rows } = shard
  const content = { feed, seq, rows: encodeBase64(rows), signature: sign(key, 'shard', signedPart(shard)) }
  return { type: 'm.reputation.shard', state_key: `${epoch}/${prefix}`, content }
}

/** The shard of an event from outside; throws `bad-feed`, `too-many` or `bad-signature`. */
export function readShard(publicKey: string, stateKey: string, content: Fields): Shard {
  const [, epoch, prefix] = stateKeyForm.exec(stateKey) ?? []
  if (prefix === undefined) throw new ReputationError('bad-feed', 'A shard has an epoch and a prefix.')
  const rows = content.rows === '' ? new Uint8Array(0) : decodeBase64(parseText(content, 'rows', 65_536))
  if (rows.length % ROW_BYTES !== 0) throw new ReputationError('bad-feed', 'A shard has whole rows.')
  if (rows.length > feedLimits.shardRowsMax * ROW_BYTES) {
    throw new ReputationError('too-many', 'A shard has fewer rows.')
  }
  const seq = parseInteger(content, 'seq', 1, Number.MAX_SAFE_INTEGER)
  const shard: Shard = { feed: parseText(content, 'feed', 128), epoch: Number(epoch), prefix, seq, rows }
  checkSignature(publicKey, 'shard', signedPart(shard), parseText(content, 'signature', 86))
  let before: Uint8Array | undefined
  for (const row of listRows(shard)) {
    const isInside = [...prefix].every((digit, place) => digitAt(row, place) === Number.parseInt(digit, 16))
    if (!isInside || (before !== undefined && compareBytes(before, row) >= 0)) {
      throw new ReputationError('bad-feed', 'The rows of a shard begin with its prefix and ascend.')
    }
    before = row
  }
  return shard
}

function signedPart({ feed, epoch, prefix, seq, rows }: Shard) {
  return { feed, epoch, prefix, seq, rows: encodeBase64(sha256(rows)) }
}

/** The rows of a shard, ascending. */
export function listRows({ rows }: Shard): Uint8Array[] {
  return Array.from({ length: rows.length / ROW_BYTES }, (_, at) => {
    return parseRow(rows.subarray(at * ROW_BYTES, (at + 1) * ROW_BYTES)).bytes
  })
}

/** The rows of a shard at an index (16 bytes). */
export function findRows(shard: Shard, index: Uint8Array): Uint8Array[] {
  const { rows } = shard
  let [low, high] = [0, rows.length / ROW_BYTES]
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareIndex(rows, middle * ROW_BYTES, index) < 0) low = middle + 1
    else high = middle
  }
  const found: Uint8Array[] = []
  for (let at = low * ROW_BYTES; at < rows.length && compareIndex(rows, at, index) === 0; at += ROW_BYTES) {
    found.push(rows.subarray(at, at + ROW_BYTES))
  }
  return found
}

function compareIndex(rows: Uint8Array, at: number, index: Uint8Array): number {
  for (let place = 0; place < index.length; place++) {
    if (rows[at + place] !== index[place]) return rows[at + place]! - index[place]!
  }
  return 0
}
