/**
 * A user's push rules as they are stored: own rules and what differs from the defaults, nothing else. All functions
 * are pure and return a new value. Spec: client-server-api#push-rules-api.
 */

import { ProtocolError } from '../errors.ts'
import type { UserId } from '../ids.ts'
import { isJsonObject } from '../json/json.ts'
import { defaultRuleset, findDefaultRuleKind, masterRuleId } from './default-rules.ts'
import { pushLimits } from './limits.ts'
import {
  type PushAction,
  type PushRule,
  type PushRuleKind,
  type PushRuleset,
  parsePushActions,
  parsePushRule,
  pushRuleKinds,
} from './rules.ts'

/** What a user changed of a server-default rule. */
export type DefaultRuleChange = { enabled?: boolean; actions?: PushAction[] }

/** Own rules by kind, most important first; changes by the ID of the server-default rule. JSON as it is. */
export type StoredPushRules = {
  own: Record<PushRuleKind, PushRule[]>
  changes: Record<string, DefaultRuleChange>
}

/** Where a rule goes among the user's own: right above `before`, right below `after`. */
export type PushRulePlace = { readonly before?: string | undefined; readonly after?: string | undefined }

/** The rules of a user who never changed any. */
export const noStoredPushRules: StoredPushRules = {
  own: { override: [], content: [], room: [], sender: [], underride: [] },
  changes: {},
}

/** Parses what was stored; throws `bad-push-rule`. Changes of defaults that no longer exist are dropped. */
export function parseStoredPushRules(value: unknown): StoredPushRules {
  if (!isJsonObject(value) || !isJsonObject(value.own) || !isJsonObject(value.changes)) {
    throw new ProtocolError('bad-push-rule', 'These are no stored push rules')
  }
  const { own, changes } = value
  const kept = Object.entries(changes).filter(([ruleId]) => findDefaultRuleKind(ruleId) !== undefined)
  return {
    own: {
      override: parseOwnRules('override', own.override),
      content: parseOwnRules('content', own.content),
      room: parseOwnRules('room', own.room),
      sender: parseOwnRules('sender', own.sender),
      underride: parseOwnRules('underride', own.underride),
    },
    changes: Object.fromEntries(kept.map(([ruleId, change]) => [ruleId, parseChange(change)])),
  }
}

/** The whole ruleset that clients see and that is evaluated: own rules above defaults, the master rule above all. */
export function mergeRuleset(userId: UserId, stored: StoredPushRules): PushRuleset {
  const ruleset = defaultRuleset(userId)
  for (const kind of pushRuleKinds) {
    const defaults = ruleset[kind].map((rule) => applyChange(rule, stored.changes[rule.rule_id]))
    const aboveOwn = defaults.filter((rule) => rule.rule_id === masterRuleId)
    const belowOwn = defaults.filter((rule) => rule.rule_id !== masterRuleId)
    ruleset[kind] = [...aboveOwn, ...stored.own[kind], ...belowOwn]
  }
  return ruleset
}

/** The rule as clients see it; undefined: there is none. */
export function findPushRule(
  userId: UserId,
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
): PushRule | undefined {
  if (!pushRuleKinds.includes(kind)) return undefined
  if (findDefaultRuleKind(ruleId) !== kind) return stored.own[kind].find((rule) => rule.rule_id === ruleId)
  const rule = defaultRuleset(userId)[kind].find(({ rule_id }) => rule_id === ruleId)
  return rule && applyChange(rule, stored.changes[ruleId])
}

/**
 * Adds an own rule, or replaces the one with the same ID, which keeps `enabled` and, without a place, where it stands.
 * A new rule without a place becomes the most important. Throws `bad-push-rule` for an unknown place or too many rules.
 */
export function putPushRule(
  stored: StoredPushRules,
  kind: PushRuleKind,
  rule: PushRule,
  place: PushRulePlace = {},
): StoredPushRules {
  const old = stored.own[kind]
  const index = old.findIndex(({ rule_id }) => rule_id === rule.rule_id)
  const others = index < 0 ? old : old.toSpliced(index, 1)
  const entry = index < 0 ? rule : { ...rule, enabled: old[index]!.enabled }
  const target = findPlace(others, place) ?? Math.max(index, 0)
  const next = { ...stored, own: { ...stored.own, [kind]: others.toSpliced(target, 0, entry) } }
  requireWithinLimits(next, kind)
  return next
}

/** Without that own rule; undefined: there is none. */
export function removePushRule(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
): StoredPushRules | undefined {
  const own = stored.own[kind].filter((rule) => rule.rule_id !== ruleId)
  return own.length === stored.own[kind].length ? undefined : { ...stored, own: { ...stored.own, [kind]: own } }
}

/** With `enabled` or `actions` of a rule set, an own or a server-default one; undefined: there is no such rule. */
export function changePushRule(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
  change: DefaultRuleChange,
): StoredPushRules | undefined {
  if (findDefaultRuleKind(ruleId) === kind) return changeDefaultRule(stored, kind, ruleId, change)
  const own = stored.own[kind]
  const index = own.findIndex((rule) => rule.rule_id === ruleId)
  if (index < 0) return undefined
  return { ...stored, own: { ...stored.own, [kind]: own.with(index, { ...own[index]!, ...change }) } }
}

/** Keeps only what differs from the default. */
function changeDefaultRule(
  stored: StoredPushRules,
  kind: PushRuleKind,
  ruleId: string,
  change: DefaultRuleChange,
): StoredPushRules {
  const standard = defaultRuleset('@:' as UserId)[kind].find((rule) => rule.rule_id === ruleId)!
  const merged = { ...stored.changes[ruleId], ...change }
  if (merged.enabled === standard.enabled) delete merged.enabled
  if (JSON.stringify(merged.actions) === JSON.stringify(standard.actions)) delete merged.actions
  const changes = { ...stored.changes, [ruleId]: merged }
  if (Object.keys(merged).length === 0) delete changes[ruleId]
  return { ...stored, changes }
}

/** The index at which a rule goes; undefined: no place was given. `before` decides where both are given. */
function findPlace(rules: readonly PushRule[], { before, after }: PushRulePlace): number | undefined {
  const above = before === undefined ? undefined : requireIndex(rules, before)
  const below = after === undefined ? undefined : requireIndex(rules, after) + 1
  return above ?? below
}

function requireIndex(rules: readonly PushRule[], ruleId: string): number {
  const index = rules.findIndex((rule) => rule.rule_id === ruleId)
  if (index < 0) throw new ProtocolError('bad-push-rule', `before/after rule not found: ${ruleId.slice(0, 255)}`)
  return index
}

function requireWithinLimits({ own }: StoredPushRules, kind: PushRuleKind): void {
  const ordered = [...own.override, ...own.content, ...own.underride]
  const count = kind === 'room' || kind === 'sender' ? own[kind].length : ordered.length
  const countMax = kind === 'room' || kind === 'sender' ? pushLimits.addressedRulesMax : pushLimits.orderedRulesMax
  if (count > countMax) throw new ProtocolError('bad-push-rule', `There are at most ${countMax} rules of this kind`)
  if (ordered.reduce((sum, rule) => sum + patternChars(rule), 0) > pushLimits.patternCharsSumMax) {
    throw new ProtocolError('bad-push-rule', 'The patterns of all rules together are too long')
  }
}

function patternChars({ pattern = '', conditions = [] }: PushRule): number {
  return conditions.reduce((sum, condition) => sum + String(condition.pattern ?? '').length, pattern.length)
}

function applyChange(rule: PushRule, change: DefaultRuleChange | undefined): PushRule {
  return change === undefined ? rule : { ...rule, ...change }
}

function parseOwnRules(kind: PushRuleKind, value: unknown): PushRule[] {
  if (!Array.isArray(value)) throw new ProtocolError('bad-push-rule', `The own ${kind} rules are not a list`)
  return value.map((rule) => {
    if (!isJsonObject(rule)) throw new ProtocolError('bad-push-rule', 'A push rule is a JSON object')
    return { ...parsePushRule(kind, String(rule.rule_id), rule), enabled: rule.enabled !== false }
  })
}

function parseChange(value: unknown): DefaultRuleChange {
  const change: DefaultRuleChange = {}
  if (!isJsonObject(value)) return change
  if (typeof value.enabled === 'boolean') change.enabled = value.enabled
  if (value.actions !== undefined) change.actions = parsePushActions(value.actions)
  return change
}
