/**
 * The blend of what a lens's feeds say about one entity in one context: a pure function of the statements, the lens and
 * the time. The guards work on one row of numbers for each statement; an explanation is those rows, so that it adds up
 * to the result exactly.
 */

import type { EntityKey } from '../entity.ts'
import { model } from '../limits.ts'
import { evidenceCap } from './evidence.ts'
import type { Lens } from './lens.ts'
import { factorBetween, type LensTable, tableOf, trustOf } from './lens-table.ts'
import { keepOneOfEachOrigin } from './origins.ts'
import { findPrepared, originsOf, type Prepared, prepare, type Testimony } from './testimony.ts'

export type Blend = {
  readonly context: string
  /** Evidence that the entity is acceptable, and that it is not. */
  readonly good: number
  readonly bad: number
  /** Direct subscriptions (one per operator) whose net evidence is bad, and good. */
  readonly badSupport: number
  readonly goodSupport: number
}

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

export type BlendOptions = {
  readonly nowMs: number
  /** Per feed, from 0.05 to 1; given only where the context is calibrated. */
  readonly calibration?: ReadonlyMap<string, number>
}

/** The row of a statement while it is weighed. */
export type Line = {
  testimony: Testimony
  prepared: Prepared
  /** The number of its direct subscription in the lens. */
  row: number
  trust: number
  /** What its subscription is trusted, for the cap. */
  capTrust: number
  confidence: number
  good: number
  bad: number
  isCapped: boolean
  dedupedBy: Line | undefined
}

/** Blends the testimonies of the feeds that the lens blends or enforces; those of others are left out. */
export function blend(lens: Lens, context: string, testimonies: readonly Testimony[], options: BlendOptions): Blend {
  const table = tableOf(lens)
  return sumUp(context, weighAll(table, context, testimonies, options), table)
}

/** The lines of the blend of the same arguments, in an order that depends on nothing but their contents. */
export function listRecords(
  lens: Lens,
  context: string,
  testimonies: readonly Testimony[],
  options: BlendOptions,
): BlendRecord[] {
  return weighAll(tableOf(lens), context, testimonies, options).map((line) => recordOf(line, options))
}

function weighAll(table: LensTable, context: string, testimonies: readonly Testimony[], options: BlendOptions): Line[] {
  const lines: Line[] = []
  let isSorted = true
  let hasOpaque = false
  let before = ''
  const known = findPrepared(testimonies)
  for (let at = 0; at < testimonies.length; at++) {
    const testimony = testimonies[at]!
    const line = weigh(table, context, testimony, known?.[at] ?? prepare(testimony), options)
    if (line === undefined) continue
    const { sortKey, isOpaque } = line.prepared
    if (sortKey < before) isSorted = false
    before = sortKey
    if (isOpaque) hasOpaque = true
    lines.push(line)
  }
  if (lines.length < 2) {
    capSubscriptions(table, lines)
    return lines
  }
  if (!isSorted) lines.sort(compareLines)
  keepOneOfEachOrigin(lines, hasOpaque)
  capSubscriptions(table, lines)
  return lines
}

function compareLines({ prepared: left }: Line, { prepared: right }: Line): number {
  return left.sortKey < right.sortKey ? -1 : left.sortKey > right.sortKey ? 1 : 0
}

function weigh(
  { byFeed }: LensTable,
  context: string,
  testimony: Testimony,
  prepared: Prepared,
  { nowMs, calibration }: BlendOptions,
): Line | undefined {
  const row = byFeed.get(prepared.feed)
  if (row === undefined || row.subscription.mode === 'notify' || prepared.expiresMs <= nowMs) return undefined
  const counts = prepared.factor * factorBetween(prepared.context, context)
  const own = trustOf(row, prepared.context)
  const calibrated = calibration?.get(prepared.feed) ?? 1
  const trust = own * prepared.pathWeight * calibrated
  if (counts === 0 || trust === 0) return undefined
  const confidence = fade(prepared, nowMs)
  const weight = trust * confidence
  const scale = (counts * model.priorWeight * weight) / (2 * (1 - weight))
  return {
    testimony,
    prepared,
    row: row.number,
    trust,
    capTrust: Math.max(own, trustOf(row, context)) * calibrated,
    confidence,
    good: scale * (1 + prepared.value),
    bad: scale * (1 - prepared.value),
    isCapped: false,
    dedupedBy: undefined,
  }
}

/** As `decayConfidence`, with what is known of the statement. */
function fade({ confidence, issuedMs, halfLifeMs }: Prepared, nowMs: number): number {
  const ageMs = nowMs - issuedMs
  if (ageMs <= 0 || halfLifeMs === Number.POSITIVE_INFINITY) return confidence
  const left = Math.exp((-Math.LN2 * ageMs) / halfLifeMs)
  return (left * confidence) / (1 - confidence + left * confidence)
}

/** Sums by row while one blend is made: making a typed array costs as much as weighing a statement. */
const scratch = [new Float64Array(64), new Float64Array(64)]

function zeroed(which: 0 | 1, count: number): Float64Array {
  let sums = scratch[which]!
  if (sums.length < count) {
    sums = new Float64Array(count * 2)
    scratch[which] = sums
  }
  for (let at = 0; at < count; at++) sums[at] = 0
  return sums
}

/** However many statements come through one subscription, they are worth at most that subscription. */
function capSubscriptions(table: LensTable, lines: readonly Line[]): void {
  const count = table.rows.length
  const totals = zeroed(0, count)
  const trusts = zeroed(1, count)
  for (const { row, good, bad, capTrust } of lines) {
    totals[row]! += good + bad
    if (capTrust > trusts[row]!) trusts[row] = capTrust
  }
  for (let row = 0; row < count; row++) {
    if (totals[row] === 0) continue
    const cap = evidenceCap(trusts[row]!)
    if (totals[row]! <= cap) continue
    for (const line of lines) if (line.row === row) scale(line, cap / totals[row]!)
  }
  if (table.hasOperators) averageOperators(table, lines)
}

function scale(line: Line, by: number): void {
  line.good *= by
  line.bad *= by
  line.isCapped = true
}

/** Feeds of one operator are not independent: their average counts, as much as the most trusted of them may say. */
function averageOperators({ rows }: LensTable, lines: readonly Line[]): void {
  for (const group of Map.groupBy(lines, ({ row }) => rows[row]!.group).values()) {
    const byFeed = Map.groupBy(group, ({ row }) => row)
    const speaking = [...byFeed.values()].filter((own) => own.some(({ good, bad }) => good + bad > 0)).length
    if (speaking < 2) continue
    for (const line of group) {
      line.good /= speaking
      line.bad /= speaking
    }
  }
}

function sumUp(context: string, lines: readonly Line[], { rows }: LensTable): Blend {
  const nets = zeroed(0, rows.length)
  let good = 0
  let bad = 0
  for (const line of lines) {
    good += line.good
    bad += line.bad
    nets[rows[line.row]!.group]! += line.bad - line.good
  }
  let badSupport = 0
  let goodSupport = 0
  for (let row = 0; row < rows.length; row++) {
    if (nets[row]! > 0) badSupport++
    else if (nets[row]! < 0) goodSupport++
  }
  return { context, good, bad, badSupport, goodSupport }
}

function recordOf(line: Line, { nowMs, calibration }: BlendOptions): BlendRecord {
  const { testimony, prepared, trust, confidence, good, bad, isCapped, dedupedBy } = line
  const { statement, path } = testimony
  return {
    feed: prepared.feed,
    path,
    origin: originsOf(testimony).join(' '),
    entity: statement.entity,
    context: statement.context,
    value: statement.value,
    confidence,
    trust,
    calibration: calibration?.get(prepared.feed) ?? 1,
    good,
    bad,
    ageMs: Math.max(0, nowMs - statement.issuedMs),
    ...(statement.reasonCode !== undefined && { reasonCode: statement.reasonCode }),
    isCapped,
    ...(dedupedBy !== undefined && { dedupedBy: dedupedBy.prepared.feed }),
  }
}
