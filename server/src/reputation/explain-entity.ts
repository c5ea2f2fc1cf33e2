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
  const { lens, names } = compiled
  const outcome = evaluate(lens, entity, context, heard, { nowMs })
  const records = listRecords(lens, context, heard, { nowMs })
  const sentences = explain(outcome, records, (feed) => names.get(feed) ?? feed)
  const subject = { kind: asked.kind, entity: asked.entity }
  if (findContext(context).class === 'severe') return { ...subject, action: outcome.action, sentences }
  const shown = records.map((record) => showRecord(record, names))
  return { ...subject, context, ...showOutcome(outcome), sentences, records: shown }
}

function showOutcome({ action, rule, estimate, support }: Outcome): object {
  const { bad, confidence, conflict, deviation } = estimate
  return { action, rule, bad, confidence, conflict, deviation, support }
}

function showRecord(record: BlendRecord, names: ReadonlyMap<string, string>): object {
  const { feed, context, value, confidence, trust, good, bad, ageMs, reasonCode, isCapped, dedupedBy } = record
  const more = { ...(reasonCode !== undefined && { reason_code: reasonCode }) }
  const counted = { is_capped: isCapped, ...(dedupedBy !== undefined && { deduped_by: Number(dedupedBy) }) }
  return {
    ...{ source: Number(feed), name: names.get(feed), context, value, confidence, trust, good, bad, age_ms: ageMs },
    ...more,
    ...counted,
  }
}
