/** How an entity looks through a user's lens, and why. There is no answer without a lens. */

import {
  type BlendRecord,
  type EntityKind,
  evaluate,
  explain,
  findContext,
  listRecords,
  type Outcome,
  parseEntity,
} from '@parallax/reputation'
import type { CompiledLens } from './compile-lens.ts'
import { hear } from './hear.ts'
import { judgeEntity } from './judge.ts'
import { refusing } from './refuse.ts'
import type { WrittenLens } from './reputation.ts'
import type { LensDeps } from './sealed-names.ts'
import { openSight } from './sights.ts'

/**
 * Throws M_INVALID_PARAM. Of severe contexts only the action is told. Without a context: in that in which most follows.
 */
export async function explainEntity(
  deps: LensDeps,
  user: number,
  written: WrittenLens,
  asked: { readonly kind: string; readonly entity: string; readonly context?: string },
): Promise<object> {
  const entity = refusing(() => parseEntity(asked.kind as EntityKind, asked.entity))
  if (asked.context !== undefined) refusing(() => findContext(asked.context!))
  const nowMs = deps.clock.nowMs()
  const { compiled } = await openSight(deps, user, written)
  const heard = await hear(deps, compiled, entity, nowMs)
  const context = asked.context ?? judgeEntity(compiled, entity, heard, nowMs).context
  const { lens, names, weights } = compiled
  const rules = findContext(context)
  const options = { nowMs, ...(rules.isCalibrated && { calibration: weights.calibration }) }
  const outcome = evaluate(lens, entity, context, heard, options)
  const records = listRecords(lens, context, heard, options)
  const sentences = explain(outcome, records, (feed) => names.get(feed) ?? feed)
  const subject = { kind: asked.kind, entity: asked.entity }
  if (rules.class === 'severe') return { ...subject, action: outcome.action, sentences }
  const shown = records.map((record) => showRecord(record, names))
  const notes = noteWeights(records, compiled)
  return { ...subject, context, ...showOutcome(outcome), sentences, ...(notes.length > 0 && { notes }), records: shown }
}

function showOutcome({ action, rule, estimate, support }: Outcome): object {
  const { bad, confidence, conflict, deviation } = estimate
  return { action, rule, bad, confidence, conflict, deviation, support }
}

function showRecord(record: BlendRecord, names: ReadonlyMap<string, string>): object {
  const {
    feed,
    path,
    context,
    value,
    confidence,
    trust,
    calibration,
    good,
    bad,
    ageMs,
    reasonCode,
    isCapped,
    dedupedBy,
  } = record
  const more = { ...(reasonCode !== undefined && { reason_code: reasonCode }) }
  const counted = { is_capped: isCapped, ...(dedupedBy !== undefined && { deduped_by: Number(dedupedBy) }) }
  return {
    ...{ source: Number(feed), name: names.get(feed), context, value, confidence, trust, good, bad, age_ms: ageMs },
    ...(calibration !== 1 && { calibration }),
    ...(path.length > 1 && { through: path.slice(1).map((name) => names.get(name)) }),
    ...more,
    ...counted,
  }
}

/** In plain words, which of those that spoke count as one voice, and which are believed less than trusted. */
function noteWeights(
  records: readonly BlendRecord[],
  { names, weights: { calibration, copies } }: Pick<CompiledLens, 'names' | 'weights'>,
): string[] {
  const speaking = [...new Set(records.map(({ feed }) => feed))]
  const groups = Map.groupBy(
    speaking.filter((feed) => copies.has(feed)),
    (feed) => copies.get(feed),
  )
  const nameOf = (feed: string) => names.get(feed) ?? feed
  const voices = [...groups.values()].filter((group) => group.length > 1)
  const doubted = new Set(records.filter((record) => record.calibration < DOUBTED).map(({ feed }) => feed))
  return [
    ...voices.map((group) => `${group.map(nameOf).join(', ')} repeat one another: they count as one voice.`),
    ...[...doubted].map((feed) => {
      const share = Math.round(calibration.get(feed)! * 100)
      return `${nameOf(feed)} often says otherwise than your other feeds: its word counts ${share} %.`
    }),
  ]
}

/** Smaller doubts are in the records only. */
const DOUBTED = 0.8
