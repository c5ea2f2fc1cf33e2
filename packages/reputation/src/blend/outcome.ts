/** What follows from a blend: probabilities with their uncertainty, and the action ladder. */

import { type Action, actions, findContext } from '../context.ts'
import type { EntityKey } from '../entity.ts'
import { model } from '../limits.ts'
import type { Blend, BlendOptions } from './blend.ts'
import { blend } from './blend.ts'
import { confidenceAt } from './evidence.ts'
import { defaultThresholds, type Lens, type Subscription, type SubscriptionMode } from './lens.ts'
import { tableOf } from './lens-table.ts'
import type { Testimony } from './testimony.ts'

/** How the entity looks through the lens. All from 0 to 1. */
export type Estimate = {
  /** The probability that the entity is not acceptable. */
  readonly bad: number
  /** The share of evidence in it, against the prior. */
  readonly confidence: number
  /** 0: unanimous, 1: split. */
  readonly conflict: number
  readonly deviation: number
}

/** Which rule decided; closed, for explanations and counts. */
export type DecisionRule =
  | 'nothing-known'
  | 'own-rule'
  | 'enforced'
  | 'notified'
  | 'annotate'
  | 'views-differ'
  | 'blur'
  | 'hide'
  | 'refuse'

export type Outcome = {
  readonly action: Action
  readonly rule: DecisionRule
  readonly blend: Blend
  readonly estimate: Estimate
  /** Direct subscriptions that point the decided way. */
  readonly support: number
  /** The feeds that acted alone: enforced ones, or those that only notify. */
  readonly actingFeeds: readonly string[]
}

/** The estimate of evidence over a base rate: a Beta posterior's mean, and what is known of it. */
export function estimate({ good, bad }: Pick<Blend, 'good' | 'bad'>, baseRate: number): Estimate {
  const evidence = good + bad
  const total = evidence + model.priorWeight
  const probability = (bad + model.priorWeight * (1 - baseRate)) / total
  return {
    bad: probability,
    confidence: evidence / total,
    conflict: evidence === 0 ? 0 : (2 * Math.min(good, bad)) / evidence,
    deviation: Math.sqrt((probability * (1 - probability)) / (total + 1)),
  }
}

/** The probability that is exceeded with the certainty that `z` stands for. */
export function lowerBound({ bad, deviation }: Estimate, z: number): number {
  return bad - z * deviation
}

/**
 * Evaluates an entity in a context through a lens. Own rules decide, but not over what a room or a server enforces;
 * positives never cancel an enforced feed; nothing irreversible ever follows from this.
 */
export function evaluate(
  lens: Lens,
  entity: EntityKey,
  context: string,
  testimonies: readonly Testimony[],
  options: BlendOptions,
): Outcome {
  const rules = findContext(context)
  const blended = blend(
    lens,
    context,
    testimonies,
    rules.isCalibrated || options.calibration === undefined ? options : { nowMs: options.nowMs },
  )
  const estimated = estimate(blended, rules.baseRate)
  const isBad = estimated.bad > 1 - rules.baseRate
  const support = isBad ? blended.badSupport : blended.goodSupport
  const outcome = { blend: blended, estimate: estimated, support, actingFeeds: [] as readonly string[] }

  const { hasOthers } = tableOf(lens)
  const enforced = hasOthers ? accusers(lens, testimonies, options.nowMs, 'enforce') : []
  const binding = enforced.filter(({ boundBy }) => boundBy !== 'user')
  const own = lens.overrides?.get(entity)
  if (binding.length > 0) return { ...outcome, action: 'refuse', rule: 'enforced', actingFeeds: feedsOf(binding) }
  if (own !== undefined) return { ...outcome, action: own < 0 ? 'refuse' : 'none', rule: 'own-rule' }
  if (enforced.length > 0) return { ...outcome, action: 'refuse', rule: 'enforced', actingFeeds: feedsOf(enforced) }

  const decided = climb(lens, entity, blended, estimated, support)
  if (decided.action !== 'none' || !hasOthers) return { ...outcome, action: decided.action, rule: decided.rule }
  const notifying = accusers(lens, testimonies, options.nowMs, 'notify')
  if (notifying.length === 0) return { ...outcome, ...decided }
  return { ...outcome, action: 'annotate', rule: 'notified', actingFeeds: feedsOf(notifying) }
}

/** The subscriptions of a mode that say something bad of the entity itself, now. */
function accusers(
  lens: Lens,
  testimonies: readonly Testimony[],
  nowMs: number,
  wanted: SubscriptionMode,
): Subscription[] {
  const chosen = lens.subscriptions.filter(({ mode }) => mode === wanted)
  if (chosen.length === 0) return []
  const accusing = new Set<string>()
  for (const { path, statement, factor, damping } of testimonies) {
    const speaks = path.length === 1 && factor === 1 && statement.value < 0
    if (speaks && confidenceAt(statement, nowMs, damping) > 0) accusing.add(path[0]!)
  }
  return chosen.filter(({ feed }) => accusing.has(feed))
}

function feedsOf(subscriptions: readonly Subscription[]): string[] {
  return subscriptions.map(({ feed }) => feed).sort()
}

/** The ladder: the strongest action whose condition holds and that the context and the lens allow. */
function climb(
  lens: Lens,
  entity: EntityKey,
  { context, good, bad }: Blend,
  estimated: Estimate,
  support: number,
): { action: Action; rule: DecisionRule } {
  if (good + bad === 0) return { action: 'none', rule: 'nothing-known' }
  const { actionMax, supportMin } = findContext(context)
  const limits = lens.thresholds ?? defaultThresholds
  const most = Math.min(actions.indexOf(actionMax), actions.indexOf(lens.actionMax ?? 'refuse'))
  const may = (action: Action): boolean => actions.indexOf(action) <= most
  const sure = lowerBound(estimated, model.z.hide)
  if (may('refuse') && isEdge(entity) && support >= 3 && lowerBound(estimated, model.z.refuse) >= REFUSE_MIN) {
    return { action: 'refuse', rule: 'refuse' }
  }
  if (may('hide') && support >= supportMin && sure >= limits.hide) return { action: 'hide', rule: 'hide' }
  if (may('blur') && sure >= limits.blur) return { action: 'blur', rule: 'blur' }
  if (!may('annotate')) return { action: 'none', rule: 'nothing-known' }
  if (estimated.confidence >= limits.annotateConfidence && estimated.bad >= limits.annotateBad) {
    return { action: 'annotate', rule: 'annotate' }
  }
  if (estimated.conflict >= limits.annotateConflict) return { action: 'annotate', rule: 'views-differ' }
  return { action: 'none', rule: 'nothing-known' }
}

/** Only users and servers are refused at the edge by a blend. */
function isEdge(entity: EntityKey): boolean {
  return entity.startsWith('user\0') || entity.startsWith('server\0')
}

const REFUSE_MIN = 0.6
