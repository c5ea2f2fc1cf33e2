/** Feeds made of feeds: openly, by a walk along what they declare, or as finished blends. No circle, nothing twice. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type DeclaredParent,
  evaluate,
  feedLimits,
  type Lens,
  listRecords,
  nameOrigins,
  parseEntity,
  parseManifest,
  ReputationError,
  republish,
  type Statement,
  type Testimony,
  walkSources,
} from '../src/index.ts'

const nowMs = 1_795_000_000_000
const entity = parseEntity('user', '@a:one.example')
const context = 'm.spam'

function statement(value: number, more: Partial<Statement> = {}): Statement {
  return { entity, context, value, confidence: 0.8, issuedMs: nowMs, origins: [], ...more }
}

function heard(path: string[], said: Statement, weights = path.slice(1).map(() => 0.9)): Testimony {
  return { statement: said, path, weights, factor: 1, damping: 1, idleMs: 0 }
}

function trusting(trust: Record<string, number>): Lens {
  const subscriptions = Object.entries(trust).map(([feed, level]) => {
    return { feed, trust: { '*': level }, mode: 'blend' as const, isDeclared: true }
  })
  return { subscriptions }
}

const graph = fc.array(
  fc.uniqueArray(fc.record({ to: fc.integer({ min: 0, max: 7 }), weight: fc.integer({ min: 1, max: 95 }) }), {
    maxLength: 5,
    selector: ({ to }) => to,
  }),
  { minLength: 8, maxLength: 8 },
)
type Graph = readonly (readonly { to: number; weight: number }[])[]

const parentsIn =
  (edges: Graph) =>
  (feed: string): DeclaredParent[] =>
    edges[Number(feed.slice(1))]!.map(({ to, weight }) => ({ feed: `f${to}`, seq: 1, weight }))

test('a walk ends whatever circles feeds declare, and meets neither itself nor its owner', () => {
  const property = fc.property(graph, fc.integer({ min: 0, max: 4 }), (edges, depthMax) => {
    const ways = walkSources(['f0', 'f1', 'f0'], parentsIn(edges), { depthMax, ownFeed: 'f7' })
    for (const { path, weights } of ways) {
      assert.ok(path.length <= Math.min(depthMax, 2) + 1)
      assert.equal(weights.length, path.length - 1)
      assert.equal(new Set(path).size, path.length)
      assert.ok(!path.includes('f7'))
    }
    const ends = ways.map(({ path }) => `${path[0]} ${path.at(-1)}`)
    assert.equal(new Set(ends).size, ends.length)
  })
  fc.assert(property)
})

test('a walk over feeds that all declare all others is bounded', () => {
  const all = Array.from({ length: feedLimits.parentsMax + 1 }, (_, at) => `f${at}`)
  const parentsOf = (feed: string) =>
    all.filter((other) => other !== feed).map((other) => ({ feed: other, seq: 1, weight: 95 }))
  const start = performance.now()
  const ways = walkSources(all, parentsOf, { depthMax: 2 })
  assert.equal(ways.length, all.length ** 2)
  assert.ok(performance.now() - start < 5_000)
})

test('on whatever ways a word arrives, it counts once', () => {
  const property = fc.property(
    graph,
    fc.array(fc.integer({ min: -100, max: 100 }), { minLength: 8, maxLength: 8 }),
    (edges, values) => {
      const lens = trusting({ f0: 0.7, f1: 0.5, f2: 0.85 })
      const ways = walkSources(['f0', 'f1', 'f2'], parentsIn(edges), { depthMax: 2 })
      const said = ways.map(({ path, weights }) =>
        heard([...path], statement(values[Number(path.at(-1)!.slice(1))]! / 100), [...weights]),
      )
      const counted = listRecords(lens, context, said, { nowMs }).filter(({ dedupedBy }) => dedupedBy === undefined)
      const origins = counted.map(({ origin }) => origin)
      assert.equal(new Set(origins).size, origins.length)
      for (const { origin, path } of counted) if (['f0', 'f1', 'f2'].includes(origin)) assert.equal(path.length, 1)
    },
  )
  fc.assert(property)
})

test('feeds that republish one another in a circle add nothing to what their sources say', () => {
  const lens = trusting({ a: 0.7, b: 0.7 })
  const parentsOf = (feed: string) => [{ feed: feed === 'a' ? 'b' : 'a', seq: 3, weight: 95 }]
  const ways = walkSources(['a', 'b'], parentsOf, { depthMax: 2 })
  const said = ways.map(({ path, weights }) => heard([...path], statement(-1), [...weights]))
  const alone = [heard(['a'], statement(-1)), heard(['b'], statement(-1))]
  const look = (list: Testimony[]) => evaluate(lens, entity, context, list, { nowMs })
  assert.deepEqual(look(said), look(alone))
})

test('a feed that claims to repeat others does not silence them', () => {
  const lens = trusting({ ann: 0.65, bob: 0.65, liar: 0.85 })
  const honest = [heard(['ann'], statement(-1)), heard(['bob'], statement(-1))]
  const before = evaluate(lens, entity, context, honest, { nowMs })
  assert.equal(before.action, 'hide')
  const claims = [
    [heard(['liar'], statement(1, { origins: ['ann'] })), heard(['liar'], statement(1, { origins: ['bob'] }))],
    [heard(['liar'], statement(1, { origins: ['ann', 'bob'], hops: 1 }))],
    [heard(['liar', 'ann'], statement(-1)), heard(['liar', 'bob'], statement(-1))],
    [heard(['liar'], statement(-0.01, { confidence: 0.01, origins: ['ann'] }))],
  ]
  for (const claimed of claims) {
    const after = evaluate(lens, entity, context, [...honest, ...claimed], { nowMs })
    assert.deepEqual([after.action, after.blend.bad, after.support], ['hide', before.blend.bad, before.support])
  }
})

test('two feeds that name themselves as the origin are two', () => {
  const said = ['ann', 'bob'].map((feed) => heard([feed], statement(-1, { origins: ['self'] })))
  assert.equal(evaluate(trusting({ ann: 0.8, bob: 0.8 }), entity, context, said, { nowMs }).support, 2)
})

const publisher = trusting({ ann: 0.8, bob: 0.8, cy: 0.5 })
const parts = [
  heard(['ann'], statement(-1)),
  heard(['bob'], statement(-1)),
  heard(['cy'], statement(1, { expiresMs: nowMs + 9 })),
]

test('a blend says as one statement what its parts amount to, as sure as one feed may be', () => {
  const blended = republish(publisher, entity, context, parts, { nowMs, ownFeed: 'dora' })!
  const { good, bad } = evaluate(publisher, entity, context, parts, { nowMs }).blend
  assert.ok(Math.abs(blended.value - (good - bad) / (good + bad)) < 1e-12)
  assert.deepEqual([blended.confidence, blended.hops, blended.expiresMs], [0.8, 1, nowMs + 9])
  assert.ok(blended.origins.length === 3 && blended.origins.every((origin) => /^~[0-9a-f]{8}$/.test(origin)))
})

test('who holds the parts of a blend counts them once; who holds none counts one feed', () => {
  const blended = republish(publisher, entity, context, parts, { nowMs, ownFeed: 'dora' })!
  const known = ['ann', 'bob'].map((feed) => [feed, feed] as const)
  const named = { ...blended, origins: nameOrigins(entity, blended.origins, known) }
  assert.deepEqual(named.origins.filter((origin) => !origin.startsWith('~')).sort(), ['ann', 'bob'])
  const lens = trusting({ ann: 0.65, bob: 0.65, dora: 0.7 })
  const look = (list: Testimony[]) => evaluate(lens, entity, context, list, { nowMs })
  const direct = parts.slice(0, 2)
  assert.deepEqual(look([...direct, heard(['dora'], named)]), look(direct))
  assert.equal(look([heard(['dora'], named)]).support, 1)
  const second = republish(publisher, entity, context, parts.slice(0, 1), { nowMs, ownFeed: 'emil' })!
  const both = evaluate(
    trusting({ dora: 0.7, emil: 0.7 }),
    entity,
    context,
    [heard(['dora'], blended), heard(['emil'], second)],
    { nowMs },
  )
  assert.equal(both.support, 1)
})

test('blends of blends in a circle fall silent after three hops, and nobody hears an echo', () => {
  const feeds = ['x', 'y']
  let said: Testimony[] = [heard(['ann'], statement(-1))]
  const hops: (number | undefined)[] = []
  for (let turn = 0; turn < 6; turn++) {
    const own = feeds[turn % 2]!
    const lens = trusting({ ann: 0.9, x: 0.9, y: 0.9, z: 0.9 })
    const next = republish(lens, entity, context, said, { nowMs, ownFeed: own === 'x' ? 'p' : 'q' })
    hops.push(next?.hops)
    if (next === undefined) break
    said = [heard([own], next)]
  }
  assert.deepEqual(hops, [1, 2, 3, undefined])
  const mine = republish(trusting({ ann: 0.9, me: 0.9 }), entity, context, [heard(['me'], statement(-1))], {
    nowMs,
    ownFeed: 'me',
  })
  assert.equal(mine, undefined)
  const back = republish(trusting({ me: 0.9 }), entity, context, [heard(['me'], statement(-1))], {
    nowMs,
    ownFeed: 'other',
  })!
  assert.equal(
    republish(trusting({ b: 0.9 }), entity, context, [heard(['b'], back)], { nowMs, ownFeed: 'me' }),
    undefined,
  )
})

test('what is severe is not passed on, and nobody is praised where there is no praise', () => {
  const isRefused = (error: unknown) => error instanceof ReputationError && error.kind === 'bad-context'
  assert.throws(() => republish(publisher, entity, 'severe', parts, { nowMs, ownFeed: 'dora' }), isRefused)
})

test('a manifest names each parent once, and never itself', () => {
  const key = 'A'.repeat(43)
  const base = {
    feed: 'f',
    name: 'F',
    key,
    revision: 1,
    class: 'human',
    contexts: [],
    reasons: [],
    tier: 'T0',
    epoch: 0,
    languages: [],
  }
  const parent = { feed: 'g', seq: 1, weight: 50 }
  assert.equal(parseManifest({ ...base, derived_from: [parent] }).derived_from.length, 1)
  for (const derived_from of [[parent, parent], [{ ...parent, feed: 'f' }]]) {
    assert.throws(
      () => parseManifest({ ...base, derived_from }),
      (error) => error instanceof ReputationError && error.kind === 'bad-feed',
    )
  }
})
