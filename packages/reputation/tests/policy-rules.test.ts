/** Today's ban lists: what their rules say, and that what we write is read as it was meant. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  checkStatement,
  type EntityKey,
  parseEntity,
  parsePolicyRule,
  policyRuleTypes,
  ReputationError,
  type RuleTarget,
  type Statement,
  splitEntity,
  writeBanRule,
  writeOpinionRule,
} from '../src/index.ts'

type Vector = {
  readonly name: string
  readonly type: string
  readonly content: Record<string, unknown>
  readonly target?: RuleTarget
  readonly views?: readonly (readonly [context: string, value: number, confidence: number])[]
  readonly broad?: true
  readonly refused?: string
}

const issuedMs = 1_795_000_000_000
const vectors: readonly Vector[] = JSON.parse(
  readFileSync(new URL('../vectors/policy-rules.json', import.meta.url), 'utf8'),
)

for (const { name, type, content, target, views, broad, refused } of vectors) {
  test(name, () => {
    const parse = () => parsePolicyRule({ type, content, issuedMs })
    if (refused !== undefined) {
      assert.throws(parse, (error) => error instanceof ReputationError && error.kind === refused)
      return
    }
    const rule = parse()
    assert.deepEqual(rule?.target, target)
    assert.deepEqual(
      rule?.views.map(({ context, value, confidence }) => [context, value, Number(confidence.toFixed(6))]),
      views,
    )
    for (const view of rule?.views ?? []) {
      assert.equal(view.isBroad ?? false, broad ?? false)
      checkStatement({ ...view, entity: parseEntity('user', '@a:b') }, issuedMs)
    }
  })
}

test('a rule that allows says so in every context but the severe ones and those of praise', () => {
  const content = { entity: '@a:b.example', recommendation: 'fi.mau.meowlnir.unban' }
  const views = parsePolicyRule({ type: policyRuleTypes[0]!, content, issuedMs })!.views
  assert.ok(views.length > 10)
  for (const view of views) checkStatement({ ...view, entity: parseEntity('user', '@a:b.example') }, issuedMs)
})

const statements: fc.Arbitrary<Statement> = fc
  .record({
    entity: fc.constantFrom<EntityKey>(
      parseEntity('user', '@a:b.example'),
      parseEntity('room', '!r:b.example'),
      parseEntity('server', 'b.example'),
    ),
    context: fc.constantFrom('m.spam', 'm.harassment.trolling', 'x.politics.left'),
    opinion: fc.integer({ min: -100, max: 100 }),
    confidence: fc.integer({ min: 1, max: 99 }),
    issuedMs: fc.nat(),
    lifeMs: fc.option(fc.integer({ min: 1, max: 1e12 }), { nil: undefined }),
    reasonCode: fc.option(fc.constant('observed.first_hand'), { nil: undefined }),
    origins: fc.uniqueArray(fc.constantFrom('o1', 'o2', 'o3')),
  })
  .map(({ opinion, confidence, lifeMs, reasonCode, ...rest }) => ({
    ...rest,
    value: opinion / 100,
    confidence: confidence / 100,
    ...(lifeMs !== undefined && { expiresMs: rest.issuedMs + lifeMs }),
    ...(reasonCode !== undefined && { reasonCode }),
  }))

test('what is written is read as it was meant', () => {
  fc.assert(
    fc.property(statements, (statement) => {
      const { type, content } = writeOpinionRule(statement)!
      const rule = parsePolicyRule({ type, content: JSON.parse(JSON.stringify(content)), issuedMs })!
      assert.deepEqual(rule.target, { form: 'entity', entity: statement.entity })
      assert.deepEqual([{ entity: statement.entity, ...rule.views[0] }], [statement])
    }),
  )
})

test('a ban for old bots is written only where the publisher would act, and read as a ban', () => {
  fc.assert(
    fc.property(statements, fc.double({ min: 0.01, max: 1, noNaN: true }), (statement, badMin) => {
      const rule = writeBanRule(statement, badMin)
      assert.equal(rule !== undefined, -statement.value * statement.confidence >= badMin)
      if (rule === undefined) return
      assert.equal(rule.content.entity, splitEntity(statement.entity).id)
      assert.equal(parsePolicyRule({ type: rule.type, content: rule.content, issuedMs })!.views[0]!.value, -1)
    }),
  )
})

test('no JSON from outside does anything but be read or refused', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...policyRuleTypes),
      fc.dictionary(
        fc.constantFrom('entity', 'recommendation', 'opinion', 'context', 'hashes', 'reason'),
        fc.jsonValue(),
      ),
      (type, content) => {
        try {
          parsePolicyRule({ type, content: { recommendation: 'm.opinion', ...content }, issuedMs })
        } catch (error) {
          assert.ok(error instanceof ReputationError, String(error))
        }
      },
    ),
    { numRuns: 1_000 },
  )
})
