/**
 * The state tree as pure operations over nodes that were loaded before. `NodeSource` answers what is in memory; what it
 * lacks is told by `missing…` so that the caller can load it, level by level.
 */

import {
  childIndex,
  DEPTH_MAX,
  emptyLeaf,
  encodeNode,
  FANOUT,
  hashNode,
  type InnerNode,
  LEAF_ENTRIES_MAX,
  type LeafNode,
  type NodeHash,
  type TreeNode,
} from './tree-node.ts'

export type NodeSource = { get(hash: NodeHash): TreeNode | undefined }
/** New nodes by hash, with the bytes to be stored. */
export type NewNodes = Map<NodeHash, { readonly node: TreeNode; readonly bytes: Uint8Array }>
/** Slot → event number, or null to take the slot out. */
export type StateChanges = ReadonlyMap<number, number | null>

const emptyBytes = encodeNode(emptyLeaf)
/** The root of a state without entries; always known, never stored. */
export const emptyRoot: NodeHash = hashNode(emptyBytes)

function require(source: NodeSource, hash: NodeHash): TreeNode {
  if (hash === emptyRoot) return emptyLeaf
  const node = source.get(hash)
  if (node === undefined) throw new Error(`state node ${hash} was not loaded`)
  return node
}

/** The nodes that must be loaded next before `slots` can be looked up or changed; empty: all are here. */
export function missingOnPaths(source: NodeSource, root: NodeHash, slots: readonly number[]): NodeHash[] {
  const missing = new Set<NodeHash>()
  for (const slot of slots) {
    let at: NodeHash | undefined = root
    for (let depth = 0; at !== undefined && at !== emptyRoot; depth++) {
      const node: TreeNode | undefined = source.get(at)
      if (node === undefined) {
        missing.add(at)
        break
      }
      at = node.kind === 'inner' ? node.children[childIndex(slot, depth)] : undefined
    }
  }
  return [...missing]
}

/** The event number in a slot; its path must have been loaded. */
export function findInTree(source: NodeSource, root: NodeHash, slot: number): number | undefined {
  let node = require(source, root)
  for (let depth = 0; node.kind === 'inner'; depth++) {
    const child: NodeHash | undefined = node.children[childIndex(slot, depth)]
    if (child === undefined) return undefined
    node = require(source, child)
  }
  const index = node.slots.indexOf(slot)
  return index < 0 ? undefined : node.events[index]
}

/**
 * The root after the changes; new nodes are added to `fresh`. Needs the paths of all changed slots; where entries are
 * taken out also the siblings that may be gathered into one leaf. `missing` names what must be loaded first; then
 * `fresh` may hold nodes that nothing refers to.
 */
export function changeTree(
  source: NodeSource,
  root: NodeHash,
  changes: StateChanges,
  fresh: NewNodes,
): { root: NodeHash } | { missing: NodeHash[] } {
  const known: NodeSource = { get: (hash) => fresh.get(hash)?.node ?? source.get(hash) }
  const work: Changing = { source: known, fresh, missing: [] }
  const { after } = changeNode(work, root, [...changes], 0)
  return work.missing.length > 0 ? { missing: work.missing } : { root: after.hash ?? emptyRoot }
}

type Change = readonly [slot: number, event: number | null]
type Changing = { readonly source: NodeSource; readonly fresh: NewNodes; readonly missing: NodeHash[] }
/** A subtree and how many entries it holds. */
type Counted = { readonly hash: NodeHash | undefined; readonly count: number }

const nothing: Counted = { hash: undefined, count: 0 }

function changeNode(
  work: Changing,
  at: NodeHash | undefined,
  changes: readonly Change[],
  depth: number,
): { before: number; after: Counted } {
  const node = at === undefined || at === emptyRoot ? emptyLeaf : work.source.get(at)
  if (node === undefined) {
    work.missing.push(at!)
    return { before: 0, after: nothing }
  }
  if (node.kind === 'leaf') {
    const entries = changeLeaf(node, changes)
    return { before: node.slots.length, after: { hash: storeEntries(entries, depth, work.fresh), count: entries.size } }
  }
  const perChild: Change[][] = Array.from({ length: FANOUT }, () => [])
  for (const change of changes) perChild[childIndex(change[0], depth)]!.push(change)
  let count = node.count
  const children = node.children.map((child, index) => {
    if (perChild[index]!.length === 0) return child
    const next = changeNode(work, child, perChild[index]!, depth + 1)
    count += next.after.count - next.before
    return next.after.hash
  })
  if (work.missing.length > 0) return { before: node.count, after: nothing }
  return { before: node.count, after: { hash: storeInner(work, children, count, depth), count } }
}

/** An inner node, or one leaf where so few entries are left that they fit. */
function storeInner(
  work: Changing,
  children: (NodeHash | undefined)[],
  count: number,
  depth: number,
): NodeHash | undefined {
  if (count > LEAF_ENTRIES_MAX) return store({ kind: 'inner', count, children }, work.fresh)
  const entries = new Map<number, number>()
  for (const child of children) {
    if (child === undefined) continue
    const leaf = work.source.get(child) ?? work.fresh.get(child)?.node
    if (leaf === undefined) work.missing.push(child)
    else if (leaf.kind === 'leaf')
      for (const [index, slot] of leaf.slots.entries()) entries.set(slot, leaf.events[index]!)
  }
  return work.missing.length > 0 ? undefined : storeEntries(entries, depth, work.fresh)
}

function changeLeaf(node: LeafNode, changes: readonly Change[]): Map<number, number> {
  const entries = new Map<number, number>()
  node.slots.forEach((slot, index) => {
    entries.set(slot, node.events[index]!)
  })
  for (const [slot, event] of changes) {
    if (event === null) entries.delete(slot)
    else entries.set(slot, event)
  }
  return entries
}

/** A leaf if they fit, otherwise an inner node over their parts. */
function storeEntries(entries: Map<number, number>, depth: number, fresh: NewNodes): NodeHash | undefined {
  if (entries.size === 0) return undefined
  if (entries.size <= LEAF_ENTRIES_MAX || depth >= DEPTH_MAX) {
    const slots = [...entries.keys()].sort((a, b) => a - b)
    return store({ kind: 'leaf', slots, events: slots.map((slot) => entries.get(slot)!) }, fresh)
  }
  const parts: Map<number, number>[] = Array.from({ length: FANOUT }, () => new Map())
  for (const [slot, event] of entries) parts[childIndex(slot, depth)]!.set(slot, event)
  const children = parts.map((part) => (part.size === 0 ? undefined : storeEntries(part, depth + 1, fresh)))
  return store({ kind: 'inner', count: entries.size, children }, fresh)
}

function store(node: TreeNode, fresh: NewNodes): NodeHash {
  const bytes = encodeNode(node)
  const hash = hashNode(bytes)
  if (!fresh.has(hash)) fresh.set(hash, { node, bytes })
  return hash
}

/** Children of these nodes, for a walk of the whole tree level by level. */
export function childrenOf(nodes: readonly TreeNode[]): NodeHash[] {
  return nodes.flatMap((node) => (node.kind === 'inner' ? node.children.filter((child) => child !== undefined) : []))
}

/** Pairs of subtrees that differ, one level down from these pairs; and the entries of pairs that ended in leaves. */
export function splitDifference(source: NodeSource, pairs: readonly NodePair[]): SplitDifference {
  const next: NodePair[] = []
  const ended: NodePair[] = []
  for (const pair of pairs) {
    const before = pair.before === undefined ? emptyLeaf : require(source, pair.before)
    const after = pair.after === undefined ? emptyLeaf : require(source, pair.after)
    if (before.kind === 'leaf' && after.kind === 'leaf') ended.push(pair)
    else if (before.kind === 'inner' && after.kind === 'inner') next.push(...childPairs(before, after))
    else ended.push(pair)
  }
  return { next: next.filter((pair) => pair.before !== pair.after), ended }
}

export type NodePair = { readonly before: NodeHash | undefined; readonly after: NodeHash | undefined }
export type SplitDifference = { readonly next: NodePair[]; readonly ended: NodePair[] }

function childPairs(before: InnerNode, after: InnerNode): NodePair[] {
  return before.children.map((child, index) => ({ before: child, after: after.children[index] }))
}
