/** Bubble metrics: the formulas on small worlds by hand, and that the dial shows bubbles that were planted. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  bandOf,
  bubbleIndex,
  countNames,
  diversityLoss,
  followDrift,
  herfindahl,
  isWarningDue,
  jaccard,
  jensenShannon,
  type Lens,
  listReferences,
  measureBubble,
  normalEntropy,
  parseEntity,
  rankBiasedOverlap,
  type Sighting,
} from '../src/index.ts'

const nowMs = 1_795_000_000_000
const DAY_MS = 86_400_000

function isNear(actual: number, expected: number, name = 'value') {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${name}: ${actual} instead of ${expected}`)
}

function lensOf(trusts: Readonly<Record<string, number>>): Lens {
  return {
    subscriptions: Object.entries(trusts).map(([feed, trust]) => ({
      feed,
      trust: { '*': trust },
      mode: 'blend',
      isDeclared: true,
    })),
  }
}

let items = 0

/** An item by a sender of a server, of whom feeds say something. */
function sightingOf(server: string, context: string, said: Readonly<Record<string, number>>): Sighting {
  const sender = `@user${items++}:${server}`
  const entity = parseEntity('user', sender)
  const testimonies = Object.entries(said).map(([feed, value]) => ({
    statement: { entity, context, value, confidence: 0.8, issuedMs: nowMs, origins: [] },
    path: [feed],
    weights: [],
    factor: 1,
    damping: 1,
    idleMs: 0,
  }))
  return { item: `$${items}`, sender, room: `!${server}`, cluster: server, grounds: [{ entity, context, testimonies }] }
}

test('entropy, divergence and overlap have the values of their formulas', () => {
  const even = new Map([['a', 1], ['b', 1]]) // biome-ignore format: pairs
  const skewed = new Map([['a', 3], ['b', 1]]) // biome-ignore format: pairs
  isNear(normalEntropy(even, 2), 1)
  isNear(normalEntropy(skewed, 2), 0.8112781244591328)
  isNear(normalEntropy(new Map([['a', 7]]), 1), 0)
  isNear(diversityLoss(skewed, even), 1 - 0.8112781244591328)
  isNear(diversityLoss(new Map(), even), 1)
  isNear(diversityLoss(new Map([['a', 1]]), new Map([['a', 2]])), 0)
  isNear(jensenShannon(even, even), 0)
  isNear(jensenShannon(new Map([['a', 1]]), new Map([['b', 1]])), 1)
  isNear(jensenShannon(even, skewed), 0.048794940695398)
  isNear(jaccard(new Set('abc'), new Set('bcd')), 0.5)
  isNear(jaccard(new Set(), new Set()), 1)
  isNear(herfindahl(new Map([['a', 3], ['b', 1]])), 0.625) // biome-ignore format: pairs
  isNear(herfindahl(new Map([['a', 0]])), 0)
})

test('rank-biased overlap weighs the first places most', () => {
  isNear(rankBiasedOverlap(['a', 'b', 'c'], ['a', 'b', 'c']), 1)
  isNear(rankBiasedOverlap(['a', 'b'], ['c', 'd']), 0)
  isNear(rankBiasedOverlap([], []), 1)
  // Agreement 0 at the first place and 1 at the second: 1 * 0.81 + (0.1 / 0.9) * 0.81.
  isNear(rankBiasedOverlap(['a', 'b'], ['b', 'a']), 0.9)
  const top = rankBiasedOverlap(['x', 'b', 'c', 'd'], ['y', 'b', 'c', 'd'])
  const end = rankBiasedOverlap(['a', 'b', 'c', 'x'], ['a', 'b', 'c', 'y'])
  assert.ok(top < end)
})

test('what a lens keeps back is counted by action, class, room and sender, and attributed to feeds', () => {
  const lens = lensOf({ ann: 0.85, bob: 0.7, cy: 0.7 })
  const sightings = [
    sightingOf('one.example', 'm.spam', { ann: -1, bob: -1 }),
    sightingOf('one.example', 'm.spam', { ann: -1 }),
    sightingOf('two.example', 'x.politics.left', { bob: -1, cy: -1 }),
    sightingOf('two.example', 'x.helpful', {}),
    sightingOf('one.example', 'm.spam', { cy: 1 }),
  ]
  const metrics = measureBubble(lens, sightings, listReferences(lens), { nowMs })
  assert.deepEqual([metrics.items, metrics.keptBack], [5, 3])
  isNear(metrics.hiddenShare, 0.6)
  isNear(metrics.unseenSenders, 0.6)
  assert.deepEqual(Object.fromEntries(metrics.byAction), { hide: 2, blur: 1 })
  assert.deepEqual(Object.fromEntries(metrics.byClass), { objective: 2, viewpoint: 1 })
  assert.deepEqual(Object.fromEntries(metrics.byRoom), { '!one.example': 2, '!two.example': 1 })
  // Without ann neither spam is blurred; without bob the first one still is, by ann.
  assert.deepEqual(Object.fromEntries(metrics.attribution), { ann: 2, bob: 1, cy: 1 })
  isNear(metrics.concentration, 6 / 16)
  isNear(metrics.overlap.get('off')!, 0.4)
  assert.ok(metrics.overlap.get('opposite')! > metrics.overlap.get('off')!)
})

test('hiding what all call spam is no bubble, one feed that hides what others show is one', () => {
  const lens = lensOf({ ann: 0.7, bob: 0.7, cy: 0.7, viewpoint: 0.9 })
  const clean = Array.from({ length: 40 }, (_, n) => sightingOf(`s${n % 8}.example`, 'm.spam', {}))
  const spam = Array.from({ length: 20 }, (_, n) => {
    return sightingOf(`s${n % 8}.example`, 'm.spam', { ann: -1, bob: -1, cy: -1 })
  })
  const open = measureBubble(lens, [...clean, ...spam], listReferences(lens), { nowMs })
  assert.equal(open.keptBack, 20)
  assert.equal(open.contestedShare, 0)
  assert.equal(bandOf(open.bubbleIndex), 'open')
  const views = Array.from({ length: 20 }, (_, n) => sightingOf(`t${n % 2}.example`, 'x.politics', { viewpoint: -1 }))
  const closed = measureBubble(lens, [...clean, ...spam, ...views], listReferences(lens), { nowMs })
  assert.equal(closed.keptBack, 40)
  isNear(closed.contestedShare, 0.5)
  assert.equal(bandOf(closed.bubbleIndex), 'one-view')
})

test('the index ranks planted bubbles as they were planted', () => {
  const lens = lensOf({ ann: 0.85, bob: 0.85, cy: 0.5 })
  const planted = Array.from({ length: 11 }, (_, step) => step / 10)
  const found = planted.map((share) => {
    const views = Array.from({ length: 60 }, (_, n) => {
      const isContested = n < share * 60
      // Contested: cy sees it otherwise than two who hide it; else all agree.
      return sightingOf(`v${n % 6}.example`, 'x.propaganda', { ann: -1, bob: -1, cy: isContested ? 0.9 : -1 })
    })
    const clean = Array.from({ length: 60 }, (_, n) => sightingOf(`v${n % 12}.example`, 'm.spam', {}))
    const others = [{ name: 'friend', lens: lensOf({ cy: 0.85 }) }]
    return measureBubble(lens, [...clean, ...views], listReferences(lens, others), { nowMs }).bubbleIndex
  })
  assert.ok(rankCorrelation(planted, found) > 0.9, found.join(' '))
})

/** Spearman's, with ties at their mean rank. */
function rankCorrelation(left: readonly number[], right: readonly number[]): number {
  const ranks = (values: readonly number[]) =>
    values.map((value) => {
      const below = values.filter((other) => other < value).length
      return below + (values.filter((other) => other === value).length - 1) / 2
    })
  const [a, b] = [ranks(left), ranks(right)]
  const mean = (left.length - 1) / 2
  const product = (x: readonly number[], y: readonly number[]) =>
    x.reduce((sum, value, at) => sum + (value - mean) * (y[at]! - mean), 0)
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b))
}

test('nothing is counted of what is kept back as severe', () => {
  const lens = lensOf({ ann: 0.95, bob: 0.95, cy: 0.95 })
  const said = { ann: -1, bob: -1, cy: -1 }
  const without = measureBubble(lens, [], [], { nowMs })
  const metrics = measureBubble(lens, [sightingOf('one.example', 'severe', said)], listReferences(lens), { nowMs })
  assert.equal(metrics.items, 0)
  assert.deepEqual({ ...metrics, overlap: without.overlap, attribution: without.attribution }, without)
})

test('every metric stays within its bounds, whatever is said', () => {
  const value = fc.double({ min: -1, max: 1, noNaN: true })
  const world = fc.array(
    fc.record({
      server: fc.constantFrom('a.example', 'b.example', 'c.example'),
      context: fc.constantFrom('m.spam', 'x.politics', 'x.nsfw', 'm.harassment', 'severe'),
      said: fc.dictionary(fc.constantFrom('ann', 'bob', 'cy'), value),
    }),
    { maxLength: 12 },
  )
  fc.assert(
    fc.property(world, (things) => {
      const lens = lensOf({ ann: 0.95, bob: 0.7, cy: 0.85 })
      const sightings = things.map(({ server, context, said }) => sightingOf(server, context, said))
      const metrics = measureBubble(lens, sightings, listReferences(lens), { nowMs })
      const { hiddenShare, unseenSenders, concentration, contestedShare, divergence, overlap } = metrics
      const shares = [hiddenShare, unseenSenders, concentration, contestedShare, divergence, ...overlap.values()]
      for (const share of [...shares, metrics.bubbleIndex / 100]) assert.ok(share >= 0 && share <= 1, String(share))
      assert.ok(metrics.diversityLoss <= 1)
    }),
    { numRuns: 60 },
  )
})

test('the index, its bands, its drift and its warnings', () => {
  isNear(bubbleIndex({ contested: 1, loss: 1, concentration: 1 }), 100)
  isNear(bubbleIndex({ contested: 0.2, loss: 0.5, concentration: 0.4 }), 33)
  isNear(bubbleIndex({ contested: 0, loss: -0.5, concentration: 0 }), 0)
  assert.deepEqual([14.99, 15, 40, 40.01].map(bandOf), ['open', 'filtered', 'filtered', 'one-view'])
  assert.equal(followDrift(undefined, 0.5, 0), 0.5)
  isNear(followDrift(1, 0, 28 * DAY_MS), 1 / Math.E)
  assert.equal(isWarningDue('open', 20, undefined, nowMs), true)
  assert.equal(isWarningDue('open', 20, nowMs - 6 * DAY_MS, nowMs), false)
  assert.equal(isWarningDue('open', 20, nowMs - 7 * DAY_MS, nowMs), true)
  assert.equal(isWarningDue('filtered', 20, undefined, nowMs), false)
  assert.deepEqual(Object.fromEntries(countNames('abca')), { a: 2, b: 1, c: 1 })
})
