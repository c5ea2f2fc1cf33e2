/** The vectors of the design, exactly: what feeds that are all against something amount to. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Action,
  decayConfidence,
  evaluate,
  evidenceCap,
  type Lens,
  lowerBound,
  type Outcome,
  parseEntity,
  type Testimony,
} from '../src/index.ts'

const entity = parseEntity('user', '@spammer:example.org')
const context = 'm.spam'
const nowMs = 1_795_000_000_000

type Said = { value?: number; confidence?: number; trust?: number; weights?: number[]; ageMs?: number }

/** One feed each; a path of several feeds for those with weights. */
function view(said: readonly Said[]): Outcome {
  const lens: Lens = {
    subscriptions: said.map(({ trust = 0.8 }, index) => {
      return { feed: `feed${index}`, trust: { '*': trust }, mode: 'blend', isDeclared: true }
    }),
  }
  const testimonies = said.map(({ value = -1, confidence = 0.8, weights = [], ageMs = 0 }, index): Testimony => {
    const statement = { entity, context, value, confidence, issuedMs: nowMs - ageMs, origins: [] }
    const path = [`feed${index}`, ...weights.map((_, hop) => `feed${index}.${hop}`)]
    return { statement, path, weights, factor: 1, damping: 1, idleMs: 0 }
  })
  return evaluate(lens, entity, context, testimonies, { nowMs })
}

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 0.000_05 + 1e-9, `${actual} is not ${expected}`)
}

type Expected = { bad: number; action: Action; evidence?: [number, number]; sure?: number; surer?: number }

const vectors: readonly [name: string, said: Said[], expected: Expected][] = [
  ['one feed', [{}], { bad: 0.676, action: 'annotate', evidence: [0, 3.5556], sure: 0.4932 }],
  ['two', [{}, {}], { bad: 0.8024, action: 'hide', evidence: [0, 7.1111], sure: 0.6772, surer: 0.5971 }],
  ['three', [{}, {}, {}], { bad: 0.8579, action: 'refuse', evidence: [0, 10.6667], surer: 0.703 }],
  [
    'two against, one in favour',
    [{}, {}, { value: 0.8, confidence: 0.64, trust: 0.6 }],
    { bad: 0.7179, action: 'hide', evidence: [1.1221, 7.2358], sure: 0.5844 },
  ],
  ['two hops', [{ weights: [0.8] }], { bad: 0.5608, action: 'annotate', evidence: [0, 2.0984] }],
  [
    'the most that one feed can say',
    [{ trust: 1, confidence: 0.99 }],
    { bad: 0.784, action: 'blur', evidence: [0, 6.3333] },
  ],
]

for (const [name, said, { bad, action, evidence, sure, surer }] of vectors) {
  test(name, () => {
    const outcome = view(said)
    near(outcome.estimate.bad, bad)
    assert.equal(outcome.action, action)
    if (evidence !== undefined) {
      near(outcome.blend.good, evidence[0])
      near(outcome.blend.bad, evidence[1])
    }
    if (sure !== undefined) near(lowerBound(outcome.estimate, 1), sure)
    if (surer !== undefined) near(lowerBound(outcome.estimate, 1.64), surer)
  })
}

test('uncertainty and conflict', () => {
  near(view([{}]).estimate.deviation, 0.1828)
  near(view([{}, {}]).estimate.deviation, 0.1252)
  near(view([{}, {}]).estimate.confidence, 0.7805)
  const split = view([{}, {}, { value: 0.8, confidence: 0.64, trust: 0.6 }]).estimate.conflict
  assert.ok(Math.abs(split - 0.269) < 0.0005, `${split}`)
})

test('confidence fades by half-lives', () => {
  const halfLife = 90 * 86_400_000
  near(decayConfidence(0.8, halfLife, halfLife), 0.6667)
  near(decayConfidence(0.8, 3 * halfLife, halfLife), 0.3333)
  near(evidenceCap(0.95), 6.3333)
})

test('a single feed, however trusted, annotates or blurs and never hides', () => {
  assert.equal(view([{ trust: 0.7 }]).action, 'annotate')
  const strong = view([{ trust: 0.85 }])
  assert.equal(strong.action, 'blur')
  assert.ok(Math.abs(lowerBound(strong.estimate, 1) - 0.54) < 0.005)
})
