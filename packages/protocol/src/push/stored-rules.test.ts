/** Default rules as the specification writes them, and what is stored of a user's changes. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ProtocolError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { defaultRuleset } from './default-rules.ts'
import { pushLimits } from './limits.ts'
import { type PushRule, type PushRuleKind, parsePushRule } from './rules.ts'
import {
  changePushRule,
  findPushRule,
  mergeRuleset,
  noStoredPushRules,
  parseStoredPushRules,
  putPushRule,
  removePushRule,
  type StoredPushRules,
} from './stored-rules.ts'

const user = '@alice:example.org' as UserId
const refuses = (run: () => unknown) =>
  assert.throws(run, (error) => error instanceof ProtocolError && error.kind === 'bad-push-rule')

function put(kind: PushRuleKind, ...ruleIds: string[]): StoredPushRules {
  return ruleIds
    .toReversed()
    .reduce((stored, ruleId) => putPushRule(stored, kind, own(kind, ruleId)), noStoredPushRules)
}
function own(kind: PushRuleKind, ruleId: string, pattern = 'x'): PushRule {
  return parsePushRule(kind, ruleId, { actions: ['notify'], pattern })
}
function idsOf(stored: StoredPushRules, kind: PushRuleKind): string[] {
  return stored.own[kind].map(({ rule_id }) => rule_id)
}

test('the default rules are those of the specification, in its order', () => {
  const text = readFileSync(new URL('../../vectors/push/default-rules.json', import.meta.url), 'utf8')
  const vectors = JSON.parse(text.replaceAll("[the user's Matrix ID]", user).replace(user, 'placeholder'))
  const { override, underride, ...others } = defaultRuleset(user)
  assert.deepEqual(override, vectors.override)
  assert.deepEqual(underride, vectors.underride)
  assert.deepEqual(others, { content: [], room: [], sender: [] })
})

test('own rules stand above the defaults, and the master rule above all', () => {
  const stored = putPushRule(put('override', 'a', 'b'), 'underride', own('underride', 'u'))
  const { override, underride } = mergeRuleset(user, stored)
  assert.deepEqual(
    override.slice(0, 4).map(({ rule_id }) => rule_id),
    ['.m.rule.master', 'a', 'b', '.m.rule.suppress_notices'],
  )
  assert.equal(underride[0]?.rule_id, 'u')
})

test('a new rule goes on top, before or after another own rule', () => {
  const stored = put('content', 'a', 'b', 'c')
  assert.deepEqual(idsOf(stored, 'content'), ['a', 'b', 'c'])
  const rule = own('content', 'n')
  assert.deepEqual(idsOf(putPushRule(stored, 'content', rule), 'content'), ['n', 'a', 'b', 'c'])
  assert.deepEqual(idsOf(putPushRule(stored, 'content', rule, { before: 'b' }), 'content'), ['a', 'n', 'b', 'c'])
  assert.deepEqual(idsOf(putPushRule(stored, 'content', rule, { after: 'b' }), 'content'), ['a', 'b', 'n', 'c'])
  assert.deepEqual(idsOf(putPushRule(stored, 'content', rule, { before: 'c', after: 'a' }), 'content'), [
    'a',
    'b',
    'n',
    'c',
  ])
})

test('a rule goes beside no default rule and no unknown one', () => {
  refuses(() => putPushRule(put('override', 'a'), 'override', own('override', 'n'), { before: 'nothing' }))
  refuses(() => putPushRule(put('override', 'a'), 'override', own('override', 'n'), { after: '.m.rule.master' }))
  refuses(() => putPushRule(put('override', 'a'), 'override', own('override', 'n'), { before: 'a', after: 'nothing' }))
})

test('a replaced rule keeps its place and stays disabled', () => {
  const stored = changePushRule(put('content', 'a', 'b', 'c'), 'content', 'b', { enabled: false })
  assert.ok(stored)
  const replaced = putPushRule(stored, 'content', own('content', 'b', 'new'))
  assert.deepEqual(idsOf(replaced, 'content'), ['a', 'b', 'c'])
  assert.equal(replaced.own.content[1]?.enabled, false)
  assert.equal(replaced.own.content[1]?.pattern, 'new')
  assert.deepEqual(idsOf(putPushRule(replaced, 'content', own('content', 'b'), { after: 'c' }), 'content'), [
    'a',
    'c',
    'b',
  ])
})

test('only what differs from a default is stored', () => {
  const off = changePushRule(noStoredPushRules, 'underride', '.m.rule.message', { enabled: false })
  assert.deepEqual(off?.changes, { '.m.rule.message': { enabled: false } })
  const loud = changePushRule(off!, 'underride', '.m.rule.message', { actions: ['notify', { set_tweak: 'highlight' }] })
  assert.equal(findPushRule(user, loud!, 'underride', '.m.rule.message')?.enabled, false)
  assert.equal(findPushRule(user, loud!, 'underride', '.m.rule.message')?.actions.length, 2)
  const on = changePushRule(loud!, 'underride', '.m.rule.message', { enabled: true })
  assert.deepEqual(Object.keys(on!.changes['.m.rule.message']!), ['actions'])
  assert.deepEqual(changePushRule(on!, 'underride', '.m.rule.message', { actions: ['notify'] })?.changes, {})
})

test('unknown rules are not found', () => {
  assert.equal(changePushRule(noStoredPushRules, 'override', 'a', { enabled: true }), undefined)
  assert.equal(changePushRule(noStoredPushRules, 'override', '.m.rule.message', { enabled: true }), undefined)
  assert.equal(removePushRule(noStoredPushRules, 'override', '.m.rule.master'), undefined)
  assert.equal(findPushRule(user, noStoredPushRules, 'override', '.m.rule.message'), undefined)
  assert.equal(findPushRule(user, noStoredPushRules, 'override', '.m.rule.master')?.enabled, false)
})

test('a removed rule is gone', () => {
  assert.deepEqual(idsOf(removePushRule(put('room', 'a', 'b'), 'room', 'a')!, 'room'), ['b'])
})

test('the number of rules and the length of patterns are bounded', () => {
  const names = (count: number) => Array.from({ length: count }, (_, index) => `r${index}`)
  const full = {
    ...noStoredPushRules,
    own: { ...noStoredPushRules.own, content: names(pushLimits.orderedRulesMax - 1).map((id) => own('content', id)) },
  }
  const last = putPushRule(full, 'override', own('override', 'last'))
  refuses(() => putPushRule(last, 'underride', own('underride', 'more')))
  putPushRule(last, 'override', own('override', 'last'))
  const rooms = {
    ...noStoredPushRules,
    own: { ...noStoredPushRules.own, room: names(pushLimits.addressedRulesMax).map((id) => own('room', id)) },
  }
  refuses(() => putPushRule(rooms, 'room', own('room', 'more')))
  const long = 'x'.repeat(pushLimits.textCharsMax)
  const wordy = names(pushLimits.patternCharsSumMax / pushLimits.textCharsMax).reduce(
    (stored, id) => putPushRule(stored, 'content', own('content', id, long)),
    noStoredPushRules,
  )
  refuses(() => putPushRule(wordy, 'content', own('content', 'more', 'y')))
})

test('stored rules survive JSON', () => {
  const stored = changePushRule(put('override', 'a', 'b'), 'override', 'a', { enabled: false })!
  const changed = changePushRule(stored, 'override', '.m.rule.master', { enabled: true })!
  assert.deepEqual(parseStoredPushRules(JSON.parse(JSON.stringify(changed))), changed)
  refuses(() => parseStoredPushRules(null))
  refuses(() => parseStoredPushRules({ own: {}, changes: {} }))
})
