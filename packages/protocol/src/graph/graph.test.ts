/** Walks and orders of graphs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { reachableFrom } from './reach.ts'
import { topologicalOrder } from './topological.ts'

test('reaches what edges lead to, cycles included, in a chain of any length', () => {
  const edges: Record<string, string[]> = { a: ['b', 'c'], b: ['a'], c: [], d: ['a'] }
  assert.deepEqual([...reachableFrom(['a'], (node) => edges[node]!)].sort(), ['a', 'b', 'c'])
  assert.equal(reachableFrom([0], (node) => (node < 200_000 ? [node + 1] : [])).size, 200_001)
})

test('puts every node after those it points to, and otherwise keeps the preference', () => {
  const edges: Record<string, string[]> = { a: ['c', 'c'], b: [], c: ['outside'], d: ['b'] }
  assert.deepEqual(
    topologicalOrder(['a', 'b', 'c', 'd'], (node) => edges[node]!),
    ['b', 'c', 'a', 'd'],
  )
})

test('leaves out cycles and what points to them', () => {
  const edges: Record<string, string[]> = { a: ['b'], b: ['a'], c: ['a'], d: [] }
  assert.deepEqual(
    topologicalOrder(['a', 'b', 'c', 'd'], (node) => edges[node]!),
    ['d'],
  )
})

test('orders any acyclic graph, all of it, smallest first', () => {
  const graph = fc.array(fc.array(fc.nat({ max: 200 }), { maxLength: 4 }), { maxLength: 60 })
  const holds = (links: number[][]) => {
    const edgesOf = (node: number) => links[node]!.map((link) => link % (node + 1)).filter((link) => link !== node)
    const preferred = [...links.keys()].reverse()
    const order = topologicalOrder(preferred, edgesOf)
    assert.equal(order.length, links.length)
    const place = new Map(order.map((node, nth) => [node, nth]))
    for (const node of order) for (const link of edgesOf(node)) assert.ok(place.get(link)! < place.get(node)!)
    // At each step the highest number that is free comes next.
    const done = new Set<number>()
    for (const node of order) {
      const free = preferred.find((one) => !done.has(one) && edgesOf(one).every((link) => done.has(link)))
      assert.equal(node, free)
      done.add(node)
    }
  }
  fc.assert(fc.property(graph, holds), { numRuns: 100 })
})
