/** What followed feeds say of an entity: of itself, by patterns that fit it, sealed, and of what it is a part of. */

import {
  checkStatement,
  createOpinions,
  DAMPED,
  type EntityKey,
  findContext,
  namedParents,
  nameOrigins,
  openRow,
  type PlainEntry,
  parseRow,
  ReputationError,
  readOpinion,
  type Statement,
  splitEntity,
  type Testimony,
  unpackOpinion,
} from '@parallax/reputation'
import { BROAD_FACTOR, type Patterns } from './patterns.ts'
import type { LensDeps } from './sealed-names.ts'
import { listSaidOf, type SourceRow } from './source-table.ts'

/** How a source is heard: itself, or through others that are derived from it. */
export type Way = Pick<Testimony, 'path' | 'weights'>

/** What is followed: sources, and their patterns. */
export type Followed = {
  readonly sources: readonly SourceRow[]
  /** By source; without any, it is heard itself. */
  readonly ways: ReadonlyMap<number, readonly Way[]>
  readonly patterns: Patterns
}

/** The name of a source in a lens. */
export function nameOfSource(source: number): string {
  return String(source)
}

/** In the order of a blend. What a feed may not say, or has expired, is left out. */
export async function hear(
  deps: LensDeps,
  followed: Followed,
  entity: EntityKey,
  nowMs: number,
): Promise<readonly Testimony[]> {
  const opinions = createOpinions()
  for (const about of [entity, ...namedParents(entity)]) {
    for (const { source, statement: said, dampedMs } of await listStatements(deps, followed, about)) {
      const testimony = toTestimony(followed, { source, statement: said, dampedMs }, about, nowMs)
      if (testimony === undefined) continue
      for (const { path, weights } of followed.ways.get(source.source) ?? [testimony]) {
        // What is severe is not passed on.
        if (path.length > 1 && findContext(testimony.statement.context).class === 'severe') continue
        opinions.add({ ...testimony, path, weights })
      }
    }
  }
  return opinions.listTestimonies(entity)
}

/** Undefined for what a feed may not say, or has expired. */
export function toTestimony(
  followed: Pick<Followed, 'sources'>,
  { source, statement: said, dampedMs }: Heard,
  about: EntityKey,
  nowMs: number,
): Testimony | undefined {
  if (!isFine(said, nowMs)) return undefined
  // A blend names its origins by the keys of their feeds: so it and what is heard from these themselves count once.
  const known = followed.sources.map((row) => [row.state.publicKey, nameOfSource(row.source)] as const)
  const statement = { ...said, origins: nameOrigins(about, said.origins, known) }
  const idleMs = Math.max(0, nowMs - (source.state.head?.issued ?? nowMs))
  const damping = dampedMs > nowMs ? DAMPED : 1
  return { statement, path: [nameOfSource(source.source)], weights: [], factor: 1, damping, idleMs }
}

/** A statement as it is kept. */
export function readSaid(body: string, entity: EntityKey): Statement {
  return { ...readOpinion(JSON.parse(body) as PlainEntry), entity }
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
export type Heard = { readonly source: SourceRow; readonly statement: Statement; readonly dampedMs: number }

async function listStatements(deps: LensDeps, followed: Followed, entity: EntityKey): Promise<Heard[]> {
  const { reader } = deps.store
  const { sources, patterns } = followed
  const { kind, id } = splitEntity(entity)
  const bySource = new Map(sources.map((source) => [source.source, source]))
  const isPicture = kind === 'media' && id.startsWith('pdq:')
  const heard = isPicture ? await listAlike(deps, bySource, entity) : []
  for (const { source, body, damped_ms: dampedMs } of await listSaidOf(reader, [...bySource.keys()], kind, id)) {
    heard.push({ source: bySource.get(source)!, statement: readSaid(body, entity), dampedMs })
  }
  for (const { source, view, dampedMs } of patterns.match(kind, id)) {
    const statement = { ...view, confidence: view.confidence * BROAD_FACTOR, isBroad: true, entity }
    heard.push({ source: bySource.get(source)!, statement, dampedMs })
  }
  for (const source of sources) {
    if (source.manifest.tier !== 'T0') heard.push(...(await listSealed(deps, source, entity)))
  }
  return heard
}

/** What is said of pictures that look like this one counts as said of it. */
async function listAlike(
  { store, lookAlikes }: LensDeps,
  bySource: ReadonlyMap<number, SourceRow>,
  entity: EntityKey,
): Promise<Heard[]> {
  const heard: Heard[] = []
  for (const near of await lookAlikes.find(splitEntity(entity).id.slice('pdq:'.length))) {
    const rows = await listSaidOf(store.reader, [...bySource.keys()], 'media', `pdq:${near}`)
    for (const { source, body, damped_ms: dampedMs } of rows) {
      heard.push({ source: bySource.get(source)!, statement: readSaid(body, entity), dampedMs })
    }
  }
  // The nearest comes last: of what one feed says of several, that counts.
  return heard.reverse()
}

/** What is sealed, as far as it is known now. */
async function listSealed({ sealedNames }: LensDeps, source: SourceRow, entity: EntityKey): Promise<Heard[]> {
  const found = await sealedNames.find(source, entity)
  if (found === undefined) return []
  return found.rows.flatMap(({ bytes, dampedMs }) => {
    const payload = openRow(found.keys, parseRow(bytes))
    const view = payload && unpackOpinion(source.manifest, payload)
    return view === undefined ? [] : [{ source, statement: { ...view, entity }, dampedMs }]
  })
}
