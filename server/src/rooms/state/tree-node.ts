/**
 * Nodes of the content-addressed state tree and their bytes. A node holds slots → event numbers: a leaf at most
 * LEAF_ENTRIES_MAX of them, sorted by slot; an inner node eight children chosen by three bits of the mixed slot. The
 * shape depends on the content alone, so equal states have equal roots, whatever the way to them.
 */

import { hash } from 'node:crypto'

export const LEAF_ENTRIES_MAX = 32
export const FANOUT_BITS = 3
export const FANOUT = 1 << FANOUT_BITS
/** Levels that still have bits of a 32-bit mixed slot to choose by. */
export const DEPTH_MAX = 10

/** First 128 bits of the SHA-256 of a node's bytes, base64url: 22 characters. */
export type NodeHash = string

export type LeafNode = { readonly kind: 'leaf'; readonly slots: readonly number[]; readonly events: readonly number[] }
export type InnerNode = {
  readonly kind: 'inner'
  /** Entries in all leaves below. */
  readonly count: number
  /** FANOUT places; undefined where no entry is below. */
  readonly children: readonly (NodeHash | undefined)[]
}
export type TreeNode = LeafNode | InnerNode

export const emptyLeaf: LeafNode = { kind: 'leaf', slots: [], events: [] }

/** A bijection of 32-bit integers that spreads neighbours (the finalizer of MurmurHash3). */
export function mixSlot(slot: number): number {
  let mixed = slot | 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Which child of an inner node at `depth` (root: 0) a slot belongs to. */
export function childIndex(slot: number, depth: number): number {
  return (mixSlot(slot) >>> (depth * FANOUT_BITS)) & (FANOUT - 1)
}

/**
 * The node's bytes: 0 and varint pairs (slot difference, event) for a leaf; 1, count, bitmap and hashes for an inner
 * one.
 */
export function encodeNode(node: TreeNode): Uint8Array {
  return node.kind === 'leaf' ? encodeLeaf(node) : encodeInner(node)
}

/** The address of these bytes. */
export function hashNode(bytes: Uint8Array): NodeHash {
  return hash('sha256', bytes, 'buffer').subarray(0, 16).toString('base64url')
}

/** Inverse of `encodeNode`; throws RangeError on bytes that it did not write. */
export function decodeNode(bytes: Uint8Array): TreeNode {
  if (bytes[0] === 0) return decodeLeaf(bytes)
  if (bytes[0] === 1) return decodeInner(bytes)
  throw new RangeError('unknown kind of state node')
}

function encodeLeaf(node: LeafNode): Uint8Array {
  const bytes: number[] = [0]
  let previous = 0
  for (let index = 0; index < node.slots.length; index++) {
    const slot = node.slots[index]!
    pushVarint(bytes, slot - previous)
    pushVarint(bytes, node.events[index]!)
    previous = slot
  }
  return Uint8Array.from(bytes)
}

function decodeLeaf(bytes: Uint8Array): LeafNode {
  const slots: number[] = []
  const events: number[] = []
  const cursor = { at: 1 }
  let previous = 0
  while (cursor.at < bytes.length) {
    previous += readVarint(bytes, cursor)
    slots.push(previous)
    events.push(readVarint(bytes, cursor))
  }
  return { kind: 'leaf', slots, events }
}

function encodeInner(node: InnerNode): Uint8Array {
  const head: number[] = [1]
  pushVarint(head, node.count)
  let bitmap = 0
  const hashes: Buffer[] = []
  node.children.forEach((child, index) => {
    if (child === undefined) return
    bitmap |= 1 << index
    hashes.push(Buffer.from(child, 'base64url'))
  })
  head.push(bitmap)
  return Buffer.concat([Uint8Array.from(head), ...hashes])
}

function decodeInner(bytes: Uint8Array): InnerNode {
  const cursor = { at: 1 }
  const count = readVarint(bytes, cursor)
  const bitmap = bytes[cursor.at++]!
  const children: (NodeHash | undefined)[] = []
  for (let index = 0; index < FANOUT; index++) {
    if ((bitmap & (1 << index)) === 0) {
      children.push(undefined)
      continue
    }
    const slice = bytes.subarray(cursor.at, cursor.at + 16)
    if (slice.length !== 16) throw new RangeError('state node is cut off')
    children.push(Buffer.from(slice).toString('base64url'))
    cursor.at += 16
  }
  return { kind: 'inner', count, children }
}

/** LEB128 of a safe integer, without 32-bit shifts. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) + 128)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}

function readVarint(bytes: Uint8Array, cursor: { at: number }): number {
  let value = 0
  let scale = 1
  for (;;) {
    const byte = bytes[cursor.at++]
    if (byte === undefined || scale > 2 ** 49) throw new RangeError('state node is cut off')
    value += (byte & 127) * scale
    if (byte < 128) return value
    scale *= 128
  }
}
