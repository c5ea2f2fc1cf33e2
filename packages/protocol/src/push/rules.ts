/**
 * Push rules as they are on the wire, and parsing of the rules that clients send. Spec: client-server-api#push-rules.
 */

import { ProtocolError } from '../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from '../json/json.ts'
import { pushLimits } from './limits.ts'

export type PushRuleKind = 'override' | 'content' | 'room' | 'sender' | 'underride'

/** All kinds, in the order in which they are tried. */
export const pushRuleKinds: readonly PushRuleKind[] = ['override', 'content', 'room', 'sender', 'underride']

export type SetTweak = { set_tweak: string; value?: JsonValue }
/** The historical ones are kept as they were given, and mean nothing. Spec: client-server-api#historical-actions. */
export type PushAction = 'notify' | 'dont_notify' | 'coalesce' | SetTweak
/** A condition as stored; kinds that are not known are kept and never match. */
export type PushCondition = JsonObject & { kind: string }

/** One rule as clients see it. Treat as immutable. */
export type PushRule = {
  rule_id: string
  default: boolean
  enabled: boolean
  actions: PushAction[]
  /** Only of `override` and `underride`. */
  conditions?: PushCondition[]
  /** Only of `content`. */
  pattern?: string
}

/** A user's rules as clients see them, each kind with the most important rule first. Treat as immutable. */
export type PushRuleset = Record<PushRuleKind, PushRule[]>

const memberCountIs = /^(==|<=|>=|<|>)?([0-9]{1,15})$/

/** The kind of that name; throws `bad-push-rule` if there is none. */
export function parsePushRuleKind(text: string): PushRuleKind {
  const kind = pushRuleKinds.find((known) => known === text)
  return kind ?? fail(`There are no push rules of the kind ${text.slice(0, 64)}`)
}

/** A rule ID that a client may choose; throws `bad-push-rule`. */
export function parseOwnRuleId(ruleId: string): string {
  if (ruleId === '') fail('The rule ID is empty')
  if (ruleId.startsWith('.')) fail('Rule IDs that begin with a dot are reserved for server-default rules')
  if (/[/\\]/.test(ruleId)) fail('Rule IDs hold neither slashes nor backslashes')
  if (new TextEncoder().encode(ruleId).length > pushLimits.ruleIdBytesMax) fail('The rule ID is too long')
  return ruleId
}

/** The enabled rule that a client describes by `body`; throws `bad-push-rule`. Unknown keys are dropped. */
export function parsePushRule(kind: PushRuleKind, ruleId: string, body: unknown): PushRule {
  if (!isJsonObject(body)) fail('A push rule is a JSON object')
  const rule = {
    rule_id: parseOwnRuleId(ruleId),
    default: false,
    enabled: true,
    actions: parsePushActions(body.actions),
  }
  if (kind === 'content') return { ...rule, pattern: parseText(body.pattern, 'pattern') }
  if (kind === 'room' || kind === 'sender') return rule
  return { ...rule, conditions: parseConditions(body.conditions) }
}

/** The actions that a client gives; throws `bad-push-rule`. */
export function parsePushActions(value: unknown): PushAction[] {
  if (!Array.isArray(value)) fail('actions is not a list')
  if (value.length > pushLimits.actionsMax) fail(`A push rule has at most ${pushLimits.actionsMax} actions`)
  return value.map(parseAction)
}

/** The condition's comparison and number, or undefined if it is not of that form. */
export function parseMemberCount(is: unknown): { readonly operator: string; readonly count: number } | undefined {
  const parts = typeof is === 'string' ? memberCountIs.exec(is) : null
  return parts === null ? undefined : { operator: parts[1] ?? '==', count: Number(parts[2]) }
}

/** True for what `event_property_is` can compare: text, integers in range, booleans and null. */
export function isPlainValue(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isSafeInteger(value)
}

function parseAction(action: unknown): PushAction {
  if (action === 'notify' || action === 'dont_notify' || action === 'coalesce') return action
  if (!isJsonObject(action)) fail('An action is "notify" or an object with set_tweak')
  const tweak = parseText(action.set_tweak, 'set_tweak')
  requireSmall(action)
  return action.value === undefined ? { set_tweak: tweak } : { set_tweak: tweak, value: action.value }
}

function parseConditions(value: unknown): PushCondition[] {
  if (value === undefined) return []
  if (!Array.isArray(value)) fail('conditions is not a list')
  if (value.length > pushLimits.conditionsMax) fail(`A push rule has at most ${pushLimits.conditionsMax} conditions`)
  return value.map(parseCondition)
}

function parseCondition(condition: unknown): PushCondition {
  if (!isJsonObject(condition)) fail('A condition is a JSON object')
  const kind = parseText(condition.kind, 'kind')
  requireSmall(condition)
  if (kind === 'event_match') parseText(condition.pattern, 'pattern')
  if (kind === 'room_member_count' && !parseMemberCount(condition.is))
    fail('is: a number, perhaps after ==, <, >, >=, <=')
  if (kind.startsWith('event_property_') && !isPlainValue(condition.value)) {
    fail('value: text, an integer, a boolean or null')
  }
  if (needsKey.has(kind)) parseText(condition.key, 'key')
  return { ...condition, kind }
}

const needsKey: ReadonlySet<string> = new Set([
  'event_match',
  'event_property_is',
  'event_property_contains',
  'sender_notification_permission',
])

function parseText(value: unknown, name: string): string {
  if (typeof value !== 'string') fail(`${name} is not a string`)
  if (value.length > pushLimits.textCharsMax) fail(`${name} is longer than ${pushLimits.textCharsMax} characters`)
  return value
}

function requireSmall(part: JsonObject): void {
  if (JSON.stringify(part).length > pushLimits.partCharsMax) fail('An action or condition is too large')
}

function fail(message: string): never {
  throw new ProtocolError('bad-push-rule', message)
}
