/** The state tree: equal content, equal root; bytes; how much one change writes. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changeTree, emptyRoot, findInTree, type NewNodes } from './tree.ts'
import { decodeNode, encodeNode, hashNode, type TreeNode } from './tree-node.ts'

const none = { get: () => undefined }

function build(entries: readonly (readonly [number, number | null])[], nodes: NewNodes, root = emptyRoot): string {
  const changed = changeTree(none, root, new Map(entries), nodes)
  assert.ok('root' in changed)
  return changed.root
}

const slots = fc.uniqueArray(fc.integer({ min: 0, max: 400 }), { maxLength: 200 })

test('equal content has an equal root, whatever the order and the detours', () => {
  fc.assert(
    fc.property(slots, slots, fc.integer({ min: 1, max: 2 ** 50 }), (kept, removed, base) => {
      const nodes: NewNodes = new Map()
      const wanted = kept.filter((slot) => !removed.includes(slot))
      const direct = build(
        wanted.map((slot) => [slot, base + slot] as const),
        nodes,
      )
      let root = emptyRoot
      for (const slot of [...removed, ...kept].reverse()) root = build([[slot, base + slot]], nodes, root)
      for (const slot of removed) root = build([[slot, null]], nodes, root)
      assert.equal(root, direct)
      const source = { get: (hash: string) => nodes.get(hash)?.node }
      for (const slot of wanted) assert.equal(findInTree(source, root, slot), base + slot)
      for (const slot of removed) assert.equal(findInTree(source, root, slot), undefined)
    }),
    { numRuns: 60 },
  )
})

test('node bytes come back as the same node', () => {
  fc.assert(
    fc.property(slots, (chosen) => {
      const nodes: NewNodes = new Map()
      build(
        chosen.map((slot) => [slot, slot * 1_000_003] as const),
        nodes,
      )
      for (const [hash, { node, bytes }] of nodes) {
        const again: TreeNode = decodeNode(bytes)
        assert.deepEqual(again, node)
        assert.equal(hashNode(encodeNode(again)), hash)
      }
    }),
    { numRuns: 40 },
  )
})

test('one change in 50,000 entries writes less than 2 KiB of nodes', () => {
  const nodes: NewNodes = new Map()
  const root = build(
    Array.from({ length: 50_000 }, (_, index) => [index * 3, 1_000_000 + index] as const),
    nodes,
  )
  const fresh: NewNodes = new Map()
  const changed = changeTree({ get: (hash) => nodes.get(hash)?.node }, root, new Map([[3000, 9_999_999]]), fresh)
  assert.ok('root' in changed && changed.root !== root)
  const bytes = [...fresh.values()].reduce((sum, entry) => sum + entry.bytes.length + 22, 0)
  assert.ok(bytes < 2048, `${bytes} bytes`)
})
