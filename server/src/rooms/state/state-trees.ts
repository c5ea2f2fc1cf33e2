/** Loads, caches and walks state trees. The cache is bounded in bytes. */

import { Lru } from '../../base/index.ts'
import type { Reader, Writer } from '../../store/index.ts'
import { StoreError } from '../../store/index.ts'
import { findRoot, insertNode, insertSnapshot, listNodes } from './state-table.ts'
import {
  changeTree,
  childrenOf,
  emptyRoot,
  findInTree,
  missingOnPaths,
  type NewNodes,
  type NodePair,
  type NodeSource,
  type StateChanges,
  splitDifference,
} from './tree.ts'
import { decodeNode, type NodeHash, type TreeNode } from './tree-node.ts'

export type StateEntry = { readonly slot: number; readonly event: number }
export type StateDifference = { readonly slot: number; readonly before: number | null; readonly after: number | null }

/** Bytes of decoded nodes in memory, estimated at 24 an entry or child. */
const CACHE_BYTES_MAX = 16 * 1024 * 1024
const ROOTS_MAX = 20_000

/** Nodes held for one task, so that the cache may forget them meanwhile. */
export type HeldNodes = NodeSource & { hold(hash: NodeHash, node: TreeNode): void }

export interface StateTrees {
  requireRoot(snapshot: number): Promise<NodeHash>
  /** Loads the paths of these slots (into what `held` holds, if given). */
  loadPaths(root: NodeHash, slots: readonly number[], held?: HeldNodes): Promise<HeldNodes>
  find(root: NodeHash, slots: readonly number[]): Promise<(number | undefined)[]>
  listEntries(root: NodeHash): Promise<StateEntry[]>
  listDifferences(before: NodeHash, after: NodeHash): Promise<StateDifference[]>
  /** Root after the changes, loading what is missing; new nodes are collected in `fresh`. */
  change(root: NodeHash, changes: StateChanges, fresh: NewNodes, held?: HeldNodes): Promise<NodeHash>
  /** Stores new nodes and keeps them in memory. */
  insertNodes(tx: Writer, fresh: NewNodes): void
  insertSnapshot(tx: Writer, snapshot: number, root: NodeHash): void
}

export function createStateTrees(reader: Reader): StateTrees {
  const nodes = new Lru<NodeHash, TreeNode>(CACHE_BYTES_MAX)
  const roots = new Lru<number, NodeHash>(ROOTS_MAX)
  const remember = (hash: NodeHash, node: TreeNode) => nodes.set(hash, node, costOf(node))

  async function load(hashes: readonly NodeHash[], held: HeldNodes): Promise<void> {
    const unknown = hashes.filter((hash) => hash !== emptyRoot && held.get(hash) === undefined)
    if (unknown.length === 0) return
    for (const row of await listNodes(reader, unknown)) {
      const node = decodeNode(row.body)
      remember(row.hash, node)
      held.hold(row.hash, node)
    }
    const lost = unknown.find((hash) => held.get(hash) === undefined)
    if (lost !== undefined) throw new StoreError('corrupt', `State node ${lost} is missing from the store.`)
  }

  const hold = (): HeldNodes => {
    const own = new Map<NodeHash, TreeNode>()
    return {
      hold: (hash, node) => own.set(hash, node),
      get(hash) {
        const mine = own.get(hash)
        if (mine !== undefined) return mine
        const cached = nodes.get(hash)
        if (cached !== undefined) own.set(hash, cached)
        return cached
      },
    }
  }

  async function loadPaths(root: NodeHash, slots: readonly number[], held: HeldNodes = hold()): Promise<HeldNodes> {
    for (;;) {
      const missing = missingOnPaths(held, root, slots)
      if (missing.length === 0) return held
      await load(missing, held)
    }
  }

  async function loadAll(root: NodeHash): Promise<TreeNode[]> {
    const held = hold()
    const all: TreeNode[] = []
    let level: NodeHash[] = root === emptyRoot ? [] : [root]
    while (level.length > 0) {
      await load(level, held)
      const nodesHere = level.map((hash) => held.get(hash)!)
      all.push(...nodesHere)
      level = childrenOf(nodesHere)
    }
    return all
  }

  async function listDifferences(before: NodeHash, after: NodeHash): Promise<StateDifference[]> {
    const held = hold()
    const differences: StateDifference[] = []
    let pairs: NodePair[] = before === after ? [] : [{ before, after }]
    while (pairs.length > 0) {
      await load(
        pairs.flatMap((pair) => [pair.before, pair.after]).filter((hash) => hash !== undefined),
        held,
      )
      const { next, ended } = splitDifference(held, pairs)
      for (const pair of ended) {
        const [old, now] = await Promise.all([entriesBelow(pair.before), entriesBelow(pair.after)])
        differences.push(...differenceOf(old, now))
      }
      pairs = next
    }
    return differences
  }

  const entriesBelow = async (hash: NodeHash | undefined) => (hash === undefined ? [] : entriesOf(await loadAll(hash)))

  return {
    async requireRoot(snapshot) {
      const known = roots.get(snapshot)
      if (known !== undefined) return known
      const root = await findRoot(reader, snapshot)
      if (root === undefined) throw new StoreError('corrupt', `Snapshot ${snapshot} is missing from the store.`)
      roots.set(snapshot, root)
      return root
    },
    loadPaths,
    async find(root, slots) {
      const held = await loadPaths(root, slots)
      return slots.map((slot) => findInTree(held, root, slot))
    },
    listEntries: async (root) => entriesOf(await loadAll(root)),
    listDifferences,
    async change(root, changes, fresh, held = hold()) {
      for (;;) {
        const added: NewNodes = new Map()
        const known: NodeSource = { get: (hash) => fresh.get(hash)?.node ?? held.get(hash) }
        const changed = changeTree(known, root, changes, added)
        if ('missing' in changed) {
          await load(changed.missing, held)
          continue
        }
        for (const [hash, node] of added) fresh.set(hash, node)
        return changed.root
      }
    },
    insertNodes(tx, fresh) {
      for (const [hash, { node, bytes }] of fresh) {
        insertNode(tx, hash, bytes)
        remember(hash, node)
      }
    },
    insertSnapshot(tx, snapshot, root) {
      insertSnapshot(tx, snapshot, root)
      roots.set(snapshot, root)
    },
  }
}

function costOf(node: TreeNode): number {
  return 64 + 24 * (node.kind === 'leaf' ? node.slots.length : node.children.length)
}

function entriesOf(nodes: readonly TreeNode[]): StateEntry[] {
  const entries: StateEntry[] = []
  for (const node of nodes) {
    if (node.kind !== 'leaf') continue
    for (let index = 0; index < node.slots.length; index++) {
      entries.push({ slot: node.slots[index]!, event: node.events[index]! })
    }
  }
  return entries
}

function differenceOf(before: readonly StateEntry[], after: readonly StateEntry[]): StateDifference[] {
  const old = new Map(before.map((entry) => [entry.slot, entry.event]))
  const differences: StateDifference[] = []
  for (const { slot, event } of after) {
    const previous = old.get(slot)
    old.delete(slot)
    if (previous !== event) differences.push({ slot, before: previous ?? null, after: event })
  }
  for (const [slot, event] of old) differences.push({ slot, before: event, after: null })
  return differences
}
