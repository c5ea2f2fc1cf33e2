/** How an entity looks through a user's lens, and why. There is no answer without a lens. */

import {
  type BlendRecord,
  type EntityKind,
  evaluate,
  explain,
  findContext,
  isDeclared,
  type Lens,
  listRecords,
  type Outcome,
  parseEntity,
  trustLevels,
} from '@parallax/reputation'
import { hear, nameOfSource } from './hear.ts'
import { refusing } from './refuse.ts'
import type { AskedEntity, ReputationDeps, WrittenLens } from './reputation.ts'
import { listSources, listSubscribed, type SourceRow } from './source-table.ts'

/** Throws M_INVALID_PARAM. Of severe contexts only the action is told. */
export async function explainEntity(
  { store, clock }: ReputationDeps,
  user: number,
  written: WrittenLens,
  { kind, entity: id, context }: AskedEntity,
): Promise<object> {
  const entity = refusing(() => parseEntity(kind as EntityKind, id))
  const rules = refusing(() => findContext(context))
  const nowMs = clock.nowMs()
  // What is followed no longer counts no longer, whatever the lens says.
  const followed = new Set(await listSubscribed(store.reader, user))
  const wanted = written.subscriptions.map(({ source }) => source).filter((source) => followed.has(source))
  const sources = await listSources(store.reader, wanted)
  const lens = toLens(written, sources)
  const heard = await hear(store.reader, sources, entity, nowMs)
  const outcome = evaluate(lens, entity, context, heard, { nowMs })
  const records = listRecords(lens, context, heard, { nowMs })
  const names = new Map(sources.map(({ source, manifest }) => [nameOfSource(source), manifest.name]))
  const sentences = explain(outcome, records, (feed) => names.get(feed) ?? feed)
  if (rules.class === 'severe') return { action: outcome.action, sentences }
  return { ...showOutcome(outcome), sentences, records: records.map((record) => showRecord(record, names)) }
}

/** A lens as the reputation package knows it, of the sources that are there. */
function toLens(
  { subscriptions, rules = [], action_max: actionMax }: WrittenLens,
  sources: readonly SourceRow[],
): Lens {
  const bySource = new Map(sources.map((row) => [row.source, row]))
  const overrides = rules.map(({ kind, entity, value }) => {
    return [parseEntity(kind as EntityKind, entity), value === 'block' ? -1 : 1] as const
  })
  return {
    subscriptions: subscriptions.flatMap(({ source, trust, mode, operator }) => {
      const row = bySource.get(source)
      if (row === undefined) return []
      const levels = Object.entries(trust).map(([context, level]) => [context, trustLevels[level]])
      return {
        ...{ feed: nameOfSource(source), trust: Object.fromEntries(levels), mode, boundBy: 'user' as const },
        isDeclared: isDeclared(row.manifest),
        ...(operator !== undefined && { operator }),
      }
    }),
    overrides: new Map(overrides),
    ...(actionMax !== undefined && { actionMax }),
  }
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
