/** Parsing of push rules: what is accepted, what is refused, and every bound at it and one past it. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ProtocolError } from '../errors.ts'
import { pushLimits } from './limits.ts'
import { parsePushActions, parsePushRule, parsePushRuleKind, pushRuleKinds } from './rules.ts'

const refuses = (run: () => unknown) =>
  assert.throws(run, (error) => error instanceof ProtocolError && error.kind === 'bad-push-rule')
const condition = { kind: 'event_match', key: 'type', pattern: 'x' }

test('a rule is parsed as clients see it, enabled and not default', () => {
  assert.deepEqual(
    parsePushRule('content', 'nocake', { pattern: 'cake*lie', actions: ['notify'], enabled: false, x: 1 }),
    {
      rule_id: 'nocake',
      default: false,
      enabled: true,
      actions: ['notify'],
      pattern: 'cake*lie',
    },
  )
  assert.deepEqual(parsePushRule('override', 'o', { actions: [] }).conditions, [])
  assert.deepEqual(parsePushRule('override', 'o', { actions: [], conditions: [condition] }).conditions, [condition])
  assert.equal('conditions' in parsePushRule('room', '!r:x', { actions: [], conditions: [condition] }), false)
})

test('historical actions are kept', () => {
  const actions = ['dont_notify', 'coalesce', 'notify', { set_tweak: 'sound', value: 'x' }, { set_tweak: 'highlight' }]
  assert.deepEqual(parsePushActions(actions), actions)
})

test('unknown conditions are kept', () => {
  const unknown = { kind: 'org.example', depth: { a: [1] } }
  assert.deepEqual(parsePushRule('underride', 'o', { actions: [], conditions: [unknown] }).conditions, [unknown])
})

for (const ruleId of ['', '.m.rule.message', '.mine', 'a/b', 'a\\b', 'é'.repeat(128)]) {
  test(`refuses the rule ID ${JSON.stringify(ruleId.slice(0, 20))}`, () =>
    refuses(() => parsePushRule('room', ruleId, { actions: [] })))
}

for (const body of [
  null,
  [],
  'rule',
  {},
  { actions: 'notify' },
  { actions: ['shout'] },
  { actions: [7] },
  { actions: [null] },
  { actions: [{}] },
  { actions: [{ set_tweak: 1 }] },
  { actions: [], conditions: {} },
  { actions: [], conditions: [1] },
  { actions: [], conditions: [{}] },
  { actions: [], conditions: [{ kind: 1 }] },
  { actions: [], conditions: [{ kind: 'event_match', key: 'type' }] },
  { actions: [], conditions: [{ kind: 'event_match', pattern: 'x' }] },
  { actions: [], conditions: [{ kind: 'event_match', key: 1, pattern: 'x' }] },
  { actions: [], conditions: [{ kind: 'event_property_is', key: 'a' }] },
  { actions: [], conditions: [{ kind: 'event_property_is', key: 'a', value: 1.5 }] },
  { actions: [], conditions: [{ kind: 'event_property_contains', key: 'a', value: {} }] },
  { actions: [], conditions: [{ kind: 'room_member_count', is: 'two' }] },
  { actions: [], conditions: [{ kind: 'room_member_count', is: 2 }] },
  { actions: [], conditions: [{ kind: 'sender_notification_permission' }] },
]) {
  test(`refuses the rule ${JSON.stringify(body)}`, () => refuses(() => parsePushRule('override', 'o', body)))
}

test('refuses a content rule without a pattern', () => refuses(() => parsePushRule('content', 'o', { actions: [] })))
test('refuses an unknown kind', () => refuses(() => parsePushRuleKind('everything')))

test('bounds hold at the limit and one past it', () => {
  const actions = (count: number) => parsePushActions(Array(count).fill('notify'))
  const conditions = (count: number) =>
    parsePushRule('override', 'o', { actions: [], conditions: Array(count).fill(condition) })
  const pattern = (chars: number) => parsePushRule('content', 'o', { actions: [], pattern: 'x'.repeat(chars) })
  const ruleId = (bytes: number) => parsePushRule('room', 'x'.repeat(bytes), { actions: [] })
  const bounds: [(size: number) => unknown, number][] = [
    [actions, pushLimits.actionsMax],
    [conditions, pushLimits.conditionsMax],
    [pattern, pushLimits.textCharsMax],
    [ruleId, pushLimits.ruleIdBytesMax],
  ]
  for (const [parse, max] of bounds) {
    parse(max)
    refuses(() => parse(max + 1))
  }
  const frame = JSON.stringify({ set_tweak: 'x', value: '' }).length
  const action = (chars: number) => parsePushActions([{ set_tweak: 'x', value: 'y'.repeat(chars - frame) }])
  action(pushLimits.partCharsMax)
  refuses(() => action(pushLimits.partCharsMax + 1))
})

test('parsing throws nothing but its own error', () => {
  const body = fc.record(
    { actions: fc.jsonValue(), conditions: fc.jsonValue(), pattern: fc.jsonValue() },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fc.constantFrom(...pushRuleKinds), fc.string(), body, (kind, ruleId, given) => {
      try {
        parsePushRule(kind, ruleId, given)
      } catch (error) {
        assert.ok(error instanceof ProtocolError)
      }
    }),
  )
})
