/** A user's push rules in the form that is evaluated; made once per change of the rules, not per event. */

import type { UserId } from '../ids.ts'
import type { JsonValue } from '../json/json.ts'
import { type Condition, compileBodyPattern, compileCondition } from './conditions.ts'
import { impersonalDefaultRules } from './default-rules.ts'
import type { PushAction, PushRule, PushRuleKind, PushRuleset } from './rules.ts'
import { mergeRuleset, noStoredPushRules, type StoredPushRules } from './stored-rules.ts'

/** What happens with an event for one user. */
export type PushOutcome = {
  readonly notify: boolean
  /** Never without `notify`. */
  readonly highlight: boolean
  readonly sound: string | undefined
  /** Of the rule that matched, without the historical ones. */
  readonly actions: readonly PushAction[]
  /** All tweaks by name, for the push gateway. */
  readonly tweaks: Readonly<Record<string, JsonValue>>
}

export type CompiledRule = {
  /** Which impersonal default rule it is, so that one answer serves all users; -1: none. */
  readonly slot: number
  readonly conditions: readonly Condition[]
  readonly outcome: PushOutcome
}

/** In the order in which they are tried; disabled rules and those that can never match are left out. */
export type CompiledPushRules = {
  readonly userId: UserId
  /** `override`, then `content`. */
  readonly first: readonly CompiledRule[]
  readonly byRoom: ReadonlyMap<string, PushOutcome>
  readonly bySender: ReadonlyMap<string, PushOutcome>
  readonly underride: readonly CompiledRule[]
}

/** Nothing happens. */
export const noPush: PushOutcome = Object.freeze({
  notify: false,
  highlight: false,
  sound: undefined,
  actions: [],
  tweaks: {},
})

/** How many slots an evaluator needs. */
export const slotCount = impersonalDefaultRules.length

const slots: ReadonlyMap<string, number> = new Map(impersonalDefaultRules.map(({ rule_id }, slot) => [rule_id, slot]))
const sharedRules: ReadonlyMap<PushRule, CompiledRule> = compileSharedRules()
const sharedUnderride = compileRules('underride', mergeRuleset('@:' as UserId, noStoredPushRules).underride)
const noneAddressed: ReadonlyMap<string, PushOutcome> = new Map()

/** The user's rules, own ones and defaults, ready for evaluation. */
export function compilePushRules(userId: UserId, stored: StoredPushRules = noStoredPushRules): CompiledPushRules {
  return compileRuleset(userId, mergeRuleset(userId, stored))
}

/** The same from a whole ruleset as clients see it, defaults included. */
export function compileRuleset(userId: UserId, ruleset: PushRuleset): CompiledPushRules {
  const underride = compileRules('underride', ruleset.underride)
  return {
    userId,
    first: [...compileRules('override', ruleset.override), ...compileRules('content', ruleset.content)],
    byRoom: compileAddressed(ruleset.room),
    bySender: compileAddressed(ruleset.sender),
    underride: underride.every((rule, index) => rule === sharedUnderride[index]) ? sharedUnderride : underride,
  }
}

function compileRules(kind: PushRuleKind, rules: readonly PushRule[]): CompiledRule[] {
  return rules.flatMap((rule) => (rule.enabled ? (sharedRules.get(rule) ?? compileRule(kind, rule) ?? []) : []))
}

function compileSharedRules(): Map<PushRule, CompiledRule> {
  const enabled = impersonalDefaultRules.filter((rule) => rule.enabled)
  return new Map(enabled.map((rule) => [rule, compileRule('override', rule)!]))
}

function compileRule(kind: PushRuleKind, rule: PushRule): CompiledRule | undefined {
  const conditions =
    kind === 'content' ? [compileBodyPattern(rule.pattern ?? '')] : rule.conditions?.map(compileCondition)
  const known = conditions?.filter((condition) => condition !== undefined) ?? []
  if (known.length !== (conditions?.length ?? 0)) return undefined
  return { slot: slots.get(rule.rule_id) ?? -1, conditions: known, outcome: compileOutcome(rule.actions) }
}

function compileAddressed(rules: readonly PushRule[]): ReadonlyMap<string, PushOutcome> {
  const enabled = rules.filter((rule) => rule.enabled)
  return enabled.length === 0
    ? noneAddressed
    : new Map(enabled.map(({ rule_id, actions }) => [rule_id, compileOutcome(actions)]))
}

function compileOutcome(given: readonly PushAction[]): PushOutcome {
  const actions = given.filter((action) => action !== 'dont_notify' && action !== 'coalesce')
  if (!actions.includes('notify')) return noPush
  const tweaks = tweaksOf(actions)
  const sound = tweaks.sound
  return {
    notify: true,
    highlight: tweaks.highlight === true,
    sound: typeof sound === 'string' ? sound : undefined,
    actions,
    tweaks,
  }
}

/** The tweaks that actions set, by name; one without a value says nothing, except that `highlight` then means true. */
export function tweaksOf(actions: readonly PushAction[]): Record<string, JsonValue> {
  const tweaks = actions.flatMap((action): [name: string, value: JsonValue][] => {
    if (typeof action === 'string') return []
    if (action.value !== undefined) return [[action.set_tweak, action.value]]
    return action.set_tweak === 'highlight' ? [['highlight', true]] : []
  })
  return Object.fromEntries(tweaks)
}
