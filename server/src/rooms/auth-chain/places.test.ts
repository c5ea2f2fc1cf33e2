/** The auth-chain index against naive walks of random graphs. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { followLinks, type Link, type Place, placeEvent, reachDifference } from './places.ts'

/** A random graph: event n names some of the events before it. */
const graphs = fc.array(fc.array(fc.nat({ max: 30 }), { maxLength: 4 }), { minLength: 1, maxLength: 31 })

type Index = { places: Map<number, Place>; links: Link[] }

function authEventsOf(graph: number[][], event: number): number[] {
  return event === 0 ? [] : [...new Set(graph[event]!.map((auth) => auth % event))]
}

function build(graph: number[][]): Index {
  const places = new Map<number, Place>()
  const lasts = new Map<number, number>()
  const links: Link[] = []
  graph.forEach((_, event) => {
    const auth = authEventsOf(graph, event).map((number) => places.get(number)!)
    const placed = placeEvent(event, auth, (chain) => lasts.get(chain) ?? 0)
    places.set(event, placed.place)
    lasts.set(placed.place.chain, placed.place.sequence)
    links.push(...placed.links)
  })
  return { places, links }
}

function reachOf({ places, links }: Index, events: readonly number[]): Map<number, number> {
  const reach = new Map<number, number>()
  for (const event of events) {
    const { chain, sequence } = places.get(event)!
    reach.set(chain, Math.max(sequence, reach.get(chain) ?? 0))
  }
  while (followLinks(reach, links).length > 0);
  return reach
}

function walk(graph: number[][], events: readonly number[]): Set<number> {
  const seen = new Set<number>()
  const stack = [...events]
  for (let event = stack.pop(); event !== undefined; event = stack.pop()) {
    if (seen.has(event)) continue
    seen.add(event)
    stack.push(...authEventsOf(graph, event))
  }
  return seen
}

test('the index reaches exactly what a walk of the graph reaches', () => {
  fc.assert(
    fc.property(graphs, fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 3 }), (graph, chosen) => {
      const index = build(graph)
      const events = chosen.map((event) => event % graph.length)
      const reach = reachOf(index, events)
      const reached = graph
        .map((_, event) => event)
        .filter((event) => {
          const { chain, sequence } = index.places.get(event)!
          return (reach.get(chain) ?? 0) >= sequence
        })
      assert.deepEqual(
        reached,
        [...walk(graph, events)].sort((a, b) => a - b),
      )
    }),
  )
})

test('the difference of two sets is what one chain holds and the other lacks', () => {
  fc.assert(
    fc.property(graphs, fc.nat({ max: 30 }), fc.nat({ max: 30 }), (graph, one, other) => {
      const index = build(graph)
      const [left, right] = [one % graph.length, other % graph.length]
      const parts = reachDifference([reachOf(index, [left]), reachOf(index, [right])])
      const different = graph
        .map((_, event) => event)
        .filter((event) => {
          const { chain, sequence } = index.places.get(event)!
          return parts.some((part) => part.chain === chain && sequence > part.after && sequence <= part.upTo)
        })
      const [leftChain, rightChain] = [walk(graph, [left]), walk(graph, [right])]
      const expected = graph.map((_, event) => event).filter((event) => leftChain.has(event) !== rightChain.has(event))
      assert.deepEqual(different, expected)
    }),
  )
})
