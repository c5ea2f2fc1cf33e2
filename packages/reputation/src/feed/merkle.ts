/**
 * The tree over a feed's batches (RFC 9162, 2.1): one hash tells all of them, and a proof of a few hashes shows that an
 * older head lies in a newer one. A follower keeps only the peaks: the roots of the full subtrees, largest first.
 */

import { ReputationError } from '../errors.ts'
import { sha256 } from './hash.ts'

/** Roots of full subtrees, largest first; their sizes are the bits of the number of leaves. */
export type Peaks = readonly Uint8Array[]

/** The hash of a leaf over its bytes or the UTF-8 form of its text. */
export function hashLeaf(input: string | Uint8Array): Uint8Array {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input
  const prefixed = new Uint8Array(bytes.length + 1)
  prefixed.set(bytes, 1)
  return sha256(prefixed)
}

function hashPair(left: Uint8Array, right: Uint8Array): Uint8Array {
  const joined = new Uint8Array(65)
  joined[0] = 1
  joined.set(left, 1)
  joined.set(right, 33)
  return sha256(joined)
}

/** The peaks after one more leaf; `count` is the number of leaves before. */
export function addLeaf(peaks: Peaks, count: number, leaf: Uint8Array): Peaks {
  const after = [...peaks]
  let node = leaf
  for (let rest = count; rest % 2 === 1; rest = Math.floor(rest / 2)) node = hashPair(after.pop()!, node)
  after.push(node)
  return after
}

/** The root of the tree with these peaks. */
export function rootOf(peaks: Peaks): Uint8Array {
  if (peaks.length === 0) return sha256('')
  return peaks.reduceRight((below, peak) => hashPair(peak, below))
}

/** The proof that the tree over the first `older` of the leaf hashes lies in the tree over all of them. */
export function proveConsistency(leaves: readonly Uint8Array[], older: number): Uint8Array[] {
  if (older < 1 || older > leaves.length) throw new ReputationError('bad-proof', 'There is no such older head.')
  return prove(leaves, older, true)
}

function prove(leaves: readonly Uint8Array[], older: number, isWhole: boolean): Uint8Array[] {
  if (older === leaves.length) return isWhole ? [] : [rootOver(leaves)]
  const split = splitOf(leaves.length)
  const [left, right] = [leaves.slice(0, split), leaves.slice(split)]
  if (older <= split) return [...prove(left, older, isWhole), rootOver(right)]
  return [...prove(right, older - split, false), rootOver(left)]
}

function rootOver(leaves: readonly Uint8Array[]): Uint8Array {
  if (leaves.length === 1) return leaves[0]!
  const split = splitOf(leaves.length)
  return hashPair(rootOver(leaves.slice(0, split)), rootOver(leaves.slice(split)))
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1))
}

export type TreeHead = { readonly count: number; readonly root: Uint8Array }

/** Throws `bad-proof` unless the proof shows that the older tree lies in the newer. RFC 9162, 2.1.4.2. */
export function checkConsistency(older: TreeHead, newer: TreeHead, proof: readonly Uint8Array[]): void {
  if (older.count < 1 || older.count > newer.count || proof.some(({ length }) => length !== 32)) refuse()
  if (older.count === newer.count) {
    if (proof.length > 0 || !isEqual(older.root, newer.root)) refuse()
    return
  }
  const path = isPowerOfTwo(older.count) ? [older.root, ...proof] : [...proof]
  let [first, second] = [older.count - 1, newer.count - 1]
  while (first % 2 === 1) [first, second] = [half(first), half(second)]
  let oldRoot = path[0] ?? refuse()
  let newRoot = oldRoot
  for (const node of path.slice(1)) {
    if (second === 0) refuse()
    if (first % 2 === 1 || first === second) {
      oldRoot = hashPair(node, oldRoot)
      newRoot = hashPair(node, newRoot)
      while (first % 2 === 0 && first !== 0) [first, second] = [half(first), half(second)]
    } else {
      newRoot = hashPair(newRoot, node)
    }
    ;[first, second] = [half(first), half(second)]
  }
  if (second !== 0 || !isEqual(oldRoot, older.root) || !isEqual(newRoot, newer.root)) refuse()
}

function isPowerOfTwo(count: number): boolean {
  return 2 ** Math.floor(Math.log2(count)) === count
}

function half(count: number): number {
  return Math.floor(count / 2)
}

function isEqual(left: Uint8Array, right: Uint8Array): boolean {
  return left.every((byte, at) => byte === right[at])
}

function refuse(): never {
  throw new ReputationError('bad-proof', 'The older head does not lie in the newer one.')
}
