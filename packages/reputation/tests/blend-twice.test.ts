/** The blend against a second one written from the text; adding and removing in any order against a new beginning. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { createOpinions, type EntityKey, evaluate, type Lens, parseEntity, type Testimony } from '../src/index.ts'
import { blendAgain } from './second-blend.ts'

const nowMs = 1_795_000_000_000
const contexts = ['m.spam', 'm.spam.fraud', 'm.harassment', 'm.harassment.trolling', 'x.politics.left', 'x.helpful']
const feeds = ['f0', 'f1', 'f2', 'f3', 'f4']
const entities = [parseEntity('user', '@a:one.example'), parseEntity('user', '@b:one.example')]
const fraction = fc.integer({ min: 1, max: 9_999 }).map((part) => part / 10_000)

const testimonyArbitrary: fc.Arbitrary<Testimony> = fc
  .record({
    entity: fc.constantFrom(...entities),
    context: fc.constantFrom(...contexts),
    value: fc.integer({ min: -100, max: 100 }).map((percent) => percent / 100),
    confidence: fraction,
    ageDays: fc.integer({ min: -1, max: 400 }),
    expiresDays: fc.option(fc.integer({ min: -10, max: 10 }), { nil: undefined }),
    path: fc.uniqueArray(fc.constantFrom(...feeds), { minLength: 1, maxLength: 4 }),
    weights: fc.array(fraction, { minLength: 3, maxLength: 3 }),
    origins: fc.uniqueArray(fc.constantFrom('o1', 'o2', ...feeds), { maxLength: 3 }),
    isBlend: fc.boolean(),
    damping: fc.constantFrom(1, 0.25),
    idleDays: fc.integer({ min: 0, max: 500 }),
    factor: fc.constantFrom(1, 0.25, 0.5),
  })
  .map(({ entity, context, value, confidence, ageDays, expiresDays, path, weights, origins, isBlend, ...rest }) => {
    const issuedMs = nowMs - ageDays * 86_400_000
    const expiresMs = expiresDays === undefined ? undefined : nowMs + expiresDays * 86_400_000
    return {
      statement: {
        ...{ entity, context, value, confidence, issuedMs, origins },
        ...(expiresMs !== undefined && expiresMs > issuedMs && { expiresMs }),
        ...(isBlend && origins.length > 0 && { hops: 1 }),
      },
      path,
      weights: weights.slice(0, path.length - 1),
      factor: rest.factor,
      damping: rest.damping,
      idleMs: rest.idleDays * 86_400_000,
    }
  })

const lensArbitrary: fc.Arbitrary<Lens> = fc
  .array(
    fc.record({
      trust: fraction,
      special: fc.option(fraction, { nil: undefined }),
      operator: fc.constantFrom(undefined, undefined, 'op1'),
      isDeclared: fc.boolean(),
      mode: fc.constantFrom('blend', 'blend', 'notify', 'enforce'),
    }),
    { minLength: feeds.length, maxLength: feeds.length },
  )
  .map((choices) => ({
    subscriptions: choices.map(({ trust, special, operator, isDeclared, mode }, index) => ({
      feed: feeds[index]!,
      trust: { '*': trust, ...(special !== undefined && { 'm.spam': special }) },
      mode: mode as 'blend',
      isDeclared,
      ...(operator !== undefined && { operator }),
    })),
  }))

function near(actual: number, expected: number, what: string): void {
  assert.ok(
    Math.abs(actual - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${what}: ${actual}, not ${expected}`,
  )
}

function compare(lens: Lens, entity: EntityKey, context: string, said: readonly Testimony[], list = said): void {
  const { blend, estimate, support } = evaluate(lens, entity, context, said, { nowMs })
  const again = blendAgain(lens, context, list, nowMs)
  near(blend.good, again.good, 'good')
  near(blend.bad, again.bad, 'bad')
  near(estimate.bad, again.probability, 'probability')
  near(estimate.confidence, again.confidence, 'confidence')
  near(estimate.conflict, again.conflict, 'conflict')
  near(estimate.deviation, again.deviation, 'deviation')
  if (Math.abs(blend.good - blend.bad) > 1e-9) assert.equal(support, again.support)
}

/** One statement of a path on an entity and context, as the store keeps it. */
function identityOf({ path, statement }: Testimony): string {
  const origins = statement.hops === undefined ? statement.origins.join(' ') : 'blend'
  return `${path.join(' ')} ${statement.entity} ${statement.context} ${origins}`
}
const unique = (list: readonly Testimony[]) => [...new Map(list.map((said) => [identityOf(said), said])).values()]

test('two implementations of the blend agree', () => {
  const said = fc.array(testimonyArbitrary, { maxLength: 20 })
  const property = fc.property(lensArbitrary, fc.constantFrom(...contexts), said, (lens, context, list) => {
    compare(lens, entities[0]!, context, unique(list))
  })
  fc.assert(property, { numRuns: 2_000 })
})

test('whatever is added, replaced and removed in whatever order, the rest is all that counts', () => {
  const step = fc.tuple(fc.constantFrom('add', 'add', 'remove'), testimonyArbitrary, fc.nat())
  const property = fc.property(lensArbitrary, fc.constantFrom(...contexts), fc.array(step, { maxLength: 40 }), run)
  fc.assert(property, { numRuns: 500 })

  function run(lens: Lens, context: string, steps: readonly [string, Testimony, number][]): void {
    const opinions = createOpinions()
    const held = new Map<string, Testimony>()
    for (const [act, testimony, chosen] of steps) {
      const target = act === 'add' ? testimony : [...held.values()][chosen % Math.max(held.size, 1)]
      if (target === undefined) continue
      if (act === 'add') {
        opinions.add(target)
        held.set(identityOf(target), target)
      } else {
        opinions.remove(target)
        held.delete(identityOf(target))
      }
    }
    for (const entity of entities) {
      const rest = [...held.values()].filter(({ statement }) => statement.entity === entity)
      compare(
        lens,
        entity,
        context,
        opinions.listTestimonies(entity, () => []),
        rest,
      )
    }
  }
})
