/** What followed feeds say of an entity: of itself, by patterns that fit it, sealed, and of what it is a part of. */

import {
  checkStatement,
  createOpinions,
  DAMPED,
  decodeBase64,
  deriveRowKeys,
  type EntityKey,
  encodeBase64,
  hashFast,
  namedParents,
  nameOrigins,
  openRow,
  type PlainEntry,
  parseRow,
  ReputationError,
  type RowEntry,
  readOpinion,
  type Statement,
  splitEntity,
  type Testimony,
} from '@parallax/reputation'
import type { Reader } from '../store/index.ts'
import { BROAD_FACTOR, type Patterns } from './patterns.ts'
import { listSaidOf, type SourceRow } from './source-table.ts'

/** What is followed: sources, and their patterns. */
export type Followed = { readonly sources: readonly SourceRow[]; readonly patterns: Patterns }

/** The name of a source in a lens. */
export function nameOfSource(source: number): string {
  return String(source)
}

/** In the order of a blend. What a feed may not say, or has expired, is left out. */
export async function hear(
  reader: Reader,
  followed: Followed,
  entity: EntityKey,
  nowMs: number,
): Promise<readonly Testimony[]> {
  const opinions = createOpinions()
  // A blend names its origins by the keys of their feeds: so it and what is heard from these themselves count once.
  const known = followed.sources.map(({ source, state }) => [state.publicKey, nameOfSource(source)] as const)
  for (const about of [entity, ...namedParents(entity)]) {
    for (const { source, statement: said, dampedMs } of await listStatements(reader, followed, about)) {
      if (!isFine(said, nowMs)) continue
      const statement = { ...said, origins: nameOrigins(about, said.origins, known) }
      const idleMs = Math.max(0, nowMs - (source.state.head?.issued ?? nowMs))
      const damping = dampedMs > nowMs ? DAMPED : 1
      opinions.add({ statement, path: [nameOfSource(source.source)], weights: [], factor: 1, damping, idleMs })
    }
  }
  return opinions.listTestimonies(entity)
}

function isFine(statement: Statement, nowMs: number): boolean {
  try {
    checkStatement(statement, nowMs)
    return true
  } catch (error) {
    if (error instanceof ReputationError) return false
    throw error
  }
}

/** `dampedMs`: until when it is believed less. */
type Heard = { readonly source: SourceRow; readonly statement: Statement; readonly dampedMs: number }

async function listStatements(reader: Reader, followed: Followed, entity: EntityKey): Promise<Heard[]> {
  const { sources, patterns } = followed
  const { kind, id } = splitEntity(entity)
  const bySource = new Map(sources.map((source) => [source.source, source]))
  const heard: Heard[] = []
  for (const { source, body, damped_ms: dampedMs } of await listSaidOf(reader, [...bySource.keys()], kind, id)) {
    const entry = JSON.parse(body) as PlainEntry
    heard.push({ source: bySource.get(source)!, statement: { ...readOpinion(entry), entity }, dampedMs })
  }
  for (const { source, view, dampedMs } of patterns.match(kind, id)) {
    const statement = { ...view, confidence: view.confidence * BROAD_FACTOR, isBroad: true, entity }
    heard.push({ source: bySource.get(source)!, statement, dampedMs })
  }
  for (const source of sources) {
    if (source.manifest.tier === 'T1') heard.push(...(await listSealed(reader, source, entity)))
  }
  return heard
}

/** Rows that a feed sealed with the quick hash. */
async function listSealed(reader: Reader, source: SourceRow, entity: EntityKey): Promise<Heard[]> {
  const { manifest, state } = source
  const keys = deriveRowKeys(hashFast(entity), state.publicKey, manifest.epoch)
  const rows = await listSaidOf(reader, [source.source], '', encodeBase64(keys.index))
  return rows.flatMap(({ body, damped_ms: dampedMs }) => {
    const payload = openRow(keys, parseRow(decodeBase64((JSON.parse(body) as RowEntry).row)))
    const context = payload && manifest.contexts[payload.context]?.context
    if (payload === undefined || context === undefined) return []
    const { opinion, confidence, issued, expires, reason, origins } = payload
    const reasonCode = reason === undefined ? undefined : manifest.reasons[reason]
    const statement: Statement = {
      ...{ entity, context, value: opinion / 100, confidence: confidence / 100, issuedMs: issued * 1_000, origins },
      ...(expires !== undefined && { expiresMs: expires * 1_000 }),
      ...(reasonCode !== undefined && { reasonCode }),
    }
    return [{ source, statement, dampedMs }]
  })
}
