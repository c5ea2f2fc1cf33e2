/**
 * The blend of what a lens's feeds say about one entity in one context: a pure function of the statements, the lens and
 * the time. Every guard works on records that are kept, so that the explanation adds up to the result exactly.
 */

import { contextFactor } from '../context.ts'
import type { EntityKey } from '../entity.ts'
import { confidenceAt, type Evidence, evidenceCap, evidenceOf, idleFactor, pathTrust } from './evidence.ts'
import { type Lens, type Subscription, trustIn } from './lens.ts'
import { keepOneOfEachOrigin } from './origins.ts'
import type { Line, Testimony } from './testimony.ts'

/** One line of an explanation. The sums of `good` and `bad` over all lines are those of the blend. */
export type BlendRecord = {
  readonly feed: string
  readonly path: readonly string[]
  readonly origin: string
  readonly entity: EntityKey
  readonly context: string
  readonly value: number
  /** After fading. */
  readonly confidence: number
  /** Along the whole path, with calibration. */
  readonly trust: number
  readonly calibration: number
  readonly good: number
  readonly bad: number
  readonly ageMs: number
  readonly reasonCode?: string
  readonly isCapped: boolean
  /** The feed through which the same origin counted instead. */
  readonly dedupedBy?: string
}

export type Blend = {
  readonly context: string
  /** Evidence that the entity is acceptable, and that it is not. */
  readonly good: number
  readonly bad: number
  /** Direct subscriptions (one per operator) whose net evidence is bad, and good. */
  readonly badSupport: number
  readonly goodSupport: number
  /** In an order that depends on nothing but their contents. */
  readonly records: readonly BlendRecord[]
}

export type BlendOptions = {
  readonly nowMs: number
  /** Per feed, from 0.05 to 1; used in calibrated contexts by whoever calls. */
  readonly calibration?: ReadonlyMap<string, number>
}

const nothing: Evidence = { good: 0, bad: 0 }

/** Blends the testimonies of the feeds that the lens blends or enforces; those of others are left out. */
export function blend(lens: Lens, context: string, testimonies: readonly Testimony[], options: BlendOptions): Blend {
  const byFeed = new Map(lens.subscriptions.map((subscription) => [subscription.feed, subscription]))
  const lines: Line[] = []
  for (const testimony of testimonies) {
    const subscription = byFeed.get(testimony.path[0]!)
    if (subscription === undefined || subscription.mode === 'notify') continue
    const line = weigh(testimony, subscription, context, options)
    if (line !== undefined) lines.push(line)
  }
  if (lines.length > 1) {
    lines.sort((left, right) => (left.sortKey < right.sortKey ? -1 : left.sortKey > right.sortKey ? 1 : 0))
    keepOneOfEachOrigin(lines)
  }
  const groups = groupByOperator(lines)
  for (const group of groups.values()) capGroup(group, context)
  return sumUp(context, lines, groups, options.nowMs)
}

function weigh(
  testimony: Testimony,
  subscription: Subscription,
  context: string,
  { nowMs, calibration: calibrations }: BlendOptions,
): Line | undefined {
  const { statement, path, weights, factor, damping, idleMs } = testimony
  const counts = factor * contextFactor(statement.context, context)
  if (counts === 0 || weights.length !== path.length - 1) return undefined
  const confidence = confidenceAt(statement, nowMs, damping)
  const calibration = calibrations?.get(subscription.feed) ?? 1
  const own = trustIn(subscription, statement.context)
  const trust = pathTrust([own, ...weights]) * idleFactor(idleMs) * calibration
  if (confidence === 0 || trust === 0) return undefined
  const full = evidenceOf(statement.value, confidence, trust)
  const evidence = counts === 1 ? full : { good: full.good * counts, bad: full.bad * counts }
  const origins = statement.origins.length === 0 ? [path.at(-1)!] : statement.origins
  const sortKey = `${path.join(' ')}\n${origins.join(' ')}\n${statement.entity}\n${statement.context}\n${statement.issuedMs}`
  return {
    testimony,
    subscription,
    origins,
    trust,
    calibration,
    confidence,
    sortKey,
    evidence,
    dedupedBy: undefined,
    isCapped: false,
  }
}

function groupByOperator(lines: readonly Line[]): Map<string, Line[]> {
  const groups = new Map<string, Line[]>()
  for (const line of lines) {
    const { operator, feed } = line.subscription
    const name = operator === undefined ? `feed ${feed}` : `operator ${operator}`
    const group = groups.get(name)
    if (group === undefined) groups.set(name, [line])
    else group.push(line)
  }
  return groups
}

/** However many statements come through one subscription, they are worth at most that subscription. */
function capGroup(group: readonly Line[], context: string): void {
  const byFeed = Map.groupBy(group, (line) => line.subscription.feed)
  let most = 0
  for (const lines of byFeed.values()) most = Math.max(most, capFeed(lines, context))
  // Feeds of one operator are not independent: their average counts.
  const speaking = [...byFeed.values()].filter((lines) => totalOf(lines) > 0)
  if (speaking.length > 1) scale(speaking.flat(), 1 / speaking.length, false)
  const total = totalOf(group)
  if (total > most) scale(group, most / total, true)
}

function capFeed(lines: readonly Line[], context: string): number {
  let trust = 0
  for (const { subscription, testimony, calibration } of lines) {
    const own = Math.max(trustIn(subscription, context), trustIn(subscription, testimony.statement.context))
    trust = Math.max(trust, own * calibration)
  }
  const cap = evidenceCap(trust)
  const total = totalOf(lines)
  if (total > cap) scale(lines, cap / total, true)
  return cap
}

function totalOf(lines: readonly Line[]): number {
  let total = 0
  for (const { evidence } of lines) total += evidence.good + evidence.bad
  return total
}

function scale(lines: readonly Line[], by: number, isCap: boolean): void {
  for (const line of lines) {
    line.evidence = { good: line.evidence.good * by, bad: line.evidence.bad * by }
    line.isCapped ||= isCap
  }
}

function sumUp(context: string, lines: readonly Line[], groups: ReadonlyMap<string, Line[]>, nowMs: number): Blend {
  let good = 0
  let bad = 0
  for (const { evidence } of lines) {
    good += evidence.good
    bad += evidence.bad
  }
  let badSupport = 0
  let goodSupport = 0
  for (const group of groups.values()) {
    const net = sumOf(group)
    if (net.bad > net.good) badSupport++
    else if (net.good > net.bad) goodSupport++
  }
  return { context, good, bad, badSupport, goodSupport, records: lines.map((line) => recordOf(line, nowMs)) }
}

function sumOf(lines: readonly Line[]): Evidence {
  return lines.reduce((sum, { evidence }) => ({ good: sum.good + evidence.good, bad: sum.bad + evidence.bad }), nothing)
}

function recordOf(line: Line, nowMs: number): BlendRecord {
  const { testimony, subscription, origins, trust, calibration, confidence, evidence, isCapped, dedupedBy } = line
  const { statement, path } = testimony
  return {
    feed: subscription.feed,
    path,
    origin: origins.join(' '),
    entity: statement.entity,
    context: statement.context,
    value: statement.value,
    confidence,
    trust,
    calibration,
    good: evidence.good,
    bad: evidence.bad,
    ageMs: Math.max(0, nowMs - statement.issuedMs),
    ...(statement.reasonCode !== undefined && { reasonCode: statement.reasonCode }),
    isCapped,
    ...(dedupedBy !== undefined && { dedupedBy }),
  }
}
