/** What must hold of every blend, whatever the feeds say. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  blend,
  createOpinions,
  type EntityKey,
  evaluate,
  evidenceCap,
  type Lens,
  listRecords,
  parseEntity,
  type Testimony,
  trustIn,
} from '../src/index.ts'

const nowMs = 1_795_000_000_000
const contexts = ['m.spam', 'm.spam.fraud', 'm.harassment.trolling', 'x.politics.left', 'x.nsfw', 'x.helpful'] as const
const entities: readonly EntityKey[] = [
  parseEntity('user', '@a:one.example'),
  parseEntity('user', '@b:two.example'),
  parseEntity('server', 'one.example'),
]
const feeds = ['f0', 'f1', 'f2', 'f3', 'f4', 'f5']

const testimonyArbitrary: fc.Arbitrary<Testimony> = fc
  .record({
    entity: fc.constantFrom(...entities),
    context: fc.constantFrom(...contexts),
    value: fc.double({ min: -1, max: 1, noNaN: true }),
    confidence: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
    ageDays: fc.integer({ min: 0, max: 400 }),
    feed: fc.constantFrom(...feeds),
    hops: fc.array(fc.constantFrom(...feeds), { maxLength: 2 }),
    weight: fc.double({ min: 0, max: 1, noNaN: true }),
    origins: fc.uniqueArray(fc.constantFrom('o1', 'o2', 'o3', 'o4'), { maxLength: 3 }),
    damping: fc.constantFrom(1, 0.25),
    idleDays: fc.integer({ min: 0, max: 500 }),
  })
  .map(({ entity, context, value, confidence, ageDays, feed, hops, weight, origins, damping, idleDays }) => ({
    statement: { entity, context, value, confidence, issuedMs: nowMs - ageDays * 86_400_000, origins },
    path: [feed, ...hops],
    weights: hops.map(() => weight),
    factor: 1,
    damping,
    idleMs: idleDays * 86_400_000,
  }))

const lensArbitrary: fc.Arbitrary<Lens> = fc
  .tuple(
    ...feeds.map(() => fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(undefined, 'op1', 'op2'))),
  )
  .map((choices) => ({
    subscriptions: choices.map(([trust, operator], index) => ({
      feed: feeds[index]!,
      trust: { '*': trust },
      mode: 'blend' as const,
      isDeclared: true,
      ...(operator !== undefined && { operator }),
    })),
  }))

const said = fc.array(testimonyArbitrary, { maxLength: 25 })
const contextArbitrary = fc.constantFrom(...contexts)

function withoutOperators(lens: Lens): Lens {
  return { subscriptions: lens.subscriptions.map(({ operator: _, ...subscription }) => subscription) }
}

test('the order of statements changes nothing, not even a byte', () => {
  const shuffled = said.chain((list) =>
    fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
  )
  fc.assert(
    fc.property(lensArbitrary, contextArbitrary, shuffled, (lens, context, [list, other]) => {
      const view = (order: readonly Testimony[]) =>
        JSON.stringify([
          evaluate(lens, entities[0]!, context, order, { nowMs }),
          listRecords(lens, context, order, { nowMs }),
        ])
      assert.equal(view(other), view(list))
    }),
  )
})

test('an explanation adds up to its result exactly', () => {
  fc.assert(
    fc.property(lensArbitrary, contextArbitrary, said, (lens, context, list) => {
      const { good, bad } = blend(lens, context, list, { nowMs })
      const records = listRecords(lens, context, list, { nowMs })
      let sumGood = 0
      let sumBad = 0
      for (const record of records) {
        sumGood += record.good
        sumBad += record.bad
      }
      assert.deepEqual([sumGood, sumBad], [good, bad])
    }),
  )
})

test('no subscription is worth more than its cap, however many speak through it', () => {
  fc.assert(
    fc.property(lensArbitrary, contextArbitrary, said, (lens, context, list) => {
      const records = listRecords(lens, context, list, { nowMs })
      for (const subscription of lens.subscriptions) {
        const own = records.filter(({ feed }) => feed === subscription.feed)
        const total = own.reduce((sum, { good, bad }) => sum + good + bad, 0)
        assert.ok(total <= evidenceCap(trustIn(subscription, context)) + 1e-9, `${subscription.feed}: ${total}`)
      }
    }),
  )
})

test('more negative evidence never makes an entity look better', () => {
  fc.assert(
    fc.property(lensArbitrary, contextArbitrary, said, testimonyArbitrary, (grouped, context, list, more) => {
      const lens = withoutOperators(grouped)
      const statement = { ...more.statement, context, value: -1, origins: ['somebody else'] }
      const before = evaluate(lens, entities[0]!, context, list, { nowMs })
      const after = evaluate(lens, entities[0]!, context, [...list, { ...more, statement }], { nowMs })
      assert.ok(after.estimate.bad >= before.estimate.bad - 1e-12)
    }),
  )
})

test('removing is the inverse of adding, and equal to never having added', () => {
  const stay = fc.array(fc.tuple(testimonyArbitrary, fc.boolean()), { maxLength: 30 })
  fc.assert(
    fc.property(stay, lensArbitrary, contextArbitrary, (list, lens, context) => {
      const unique = [...new Map(list.map((entry) => [identityOf(entry[0]), entry])).values()]
      const changed = createOpinions()
      for (const [testimony] of unique) changed.add(testimony)
      for (const [testimony, isKept] of unique) if (!isKept) changed.remove(testimony)
      const fresh = createOpinions()
      for (const [testimony, isKept] of unique) if (isKept) fresh.add(testimony)
      for (const entity of entities) {
        const look = (opinions: typeof fresh) =>
          JSON.stringify(evaluate(lens, entity, context, opinions.listTestimonies(entity), { nowMs }))
        assert.equal(look(changed), look(fresh))
      }
    }),
  )
})

function identityOf({ path, statement }: Testimony): string {
  return `${path.join(' ')}\n${statement.entity}\n${statement.context}\n${statement.origins.join(' ')}`
}

test('a blend changes nothing that it is given', () => {
  fc.assert(
    fc.property(lensArbitrary, contextArbitrary, said, (lens, context, list) => {
      const before = JSON.stringify([lens, list])
      evaluate(lens, entities[0]!, context, list, { nowMs })
      assert.equal(JSON.stringify([lens, list]), before)
    }),
  )
})
