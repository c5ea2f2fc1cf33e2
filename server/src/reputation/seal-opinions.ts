/** Sealing what a feed says: opinions of its owner as rows that only who knows the entity can find and read. */

import {
  decodeBase64,
  deriveRowKeys,
  type EntityKey,
  encodeBase64,
  type FeedEntry,
  hashFast,
  hashForAudience,
  hashSlowAside,
  loadOprf,
  type Manifest,
  oprfInput,
  packOpinion,
  parseEntity,
  parseManifest,
  parseSealedOpinion,
  rowId,
  type SealedOpinion,
  sealRow,
  splitEntity,
} from '@parallax/reputation'
import { audienceKeyOf, oprfKeyOf } from './feed-keys.ts'
import type { FeedRow } from './feed-table.ts'
import { refusing } from './refuse.ts'
import type { GivenOpinion } from './reputation.ts'
import type { SealedRow } from './sealed-table.ts'

/** True for feeds whose statements are rows. */
export function isSealed({ manifest }: Pick<FeedRow, 'manifest'>): boolean {
  return manifest.tier !== 'T0'
}

/** Opinions as a sealed feed says them now; of two on one subject the later one. Throws M_INVALID_PARAM. */
export function readSealedOpinions(opinions: readonly GivenOpinion[], nowMs: number): SealedOpinion[] {
  const bySubject = new Map<string, SealedOpinion>()
  for (const { kind, entity, ...rest } of opinions) {
    const opinion = refusing(() => {
      const own = entity === undefined ? {} : { entity: splitEntity(parseEntity(kind as 'user', entity)).id }
      return parseSealedOpinion({ confidence: 70, ...rest, ...own, kind, issued: nowMs })
    })
    bySubject.set(subjectOf(opinion), opinion)
  }
  return [...bySubject.values()]
}

/** What a later opinion on the same entity and context replaces. */
export function subjectOf({ kind, entity, context }: SealedOpinion): string {
  return `${kind}\0${entity}\0${context}`
}

/** The manifest with reasons that it did not list yet; the same one if it lists all. Throws ReputationError. */
export function listReasons(manifest: Manifest, opinions: readonly SealedOpinion[]): Manifest {
  const used = opinions.flatMap((opinion) => opinion.reason_code ?? [])
  const fresh = [...new Set(used)].filter((reason) => !manifest.reasons.includes(reason))
  if (fresh.length === 0) return manifest
  return parseManifest({ ...manifest, revision: manifest.revision + 1, reasons: [...manifest.reasons, ...fresh] })
}

export type Sealing = { readonly entries: readonly FeedEntry[]; readonly sealed: readonly SealedRow[] }

/**
 * The rows of some opinions under a manifest of the feed, with numbers from `rowsMade` on. `hashes`: those of entities
 * that were computed before, as they are without an audience.
 */
export async function sealOpinions(
  row: FeedRow,
  manifest: Manifest,
  opinions: readonly SealedOpinion[],
  hashes: ReadonlyMap<EntityKey, Uint8Array> = new Map(),
): Promise<Sealing> {
  const payloads = opinions.map((opinion) => refusing(() => packOpinion(manifest, opinion)))
  const hash = await createHash(row, manifest)
  const sealed: SealedRow[] = []
  const entries: FeedEntry[] = []
  for (const [index, opinion] of opinions.entries()) {
    const entity = parseEntity(opinion.kind, opinion.entity)
    const hashed = hashes.get(entity) ?? (await hash(entity))
    const keys = deriveRowKeys(bindToAudience(row, manifest, hashed), row.key.publicKey, manifest.epoch)
    const bytes = refusing(() => sealRow(keys, row.rowsMade + index + 1, payloads[index]!))
    entries.push({ op: 'row', row: encodeBase64(bytes) })
    sealed.push({ id: rowId(bytes), subject: subjectOf(opinion), opinion, hashed })
  }
  return { entries, sealed }
}

/** Members find rows by a key of theirs, so that what leaks out is closed to others even if they know the names. */
function bindToAudience(row: FeedRow, { tier, epoch }: Manifest, hashed: Uint8Array): Uint8Array {
  return tier === 'T4' ? hashForAudience(hashed, audienceKeyOf(row, epoch)) : hashed
}

async function createHash(row: FeedRow, { tier, epoch, salt }: Manifest) {
  if (tier === 'T2') return (entity: EntityKey) => hashSlowAside(entity, decodeBase64(salt!, 16))
  if (tier !== 'T3') return async (entity: EntityKey) => hashFast(entity)
  const [oprf, key] = [await loadOprf(), await oprfKeyOf(row, epoch)]
  return async (entity: EntityKey) => oprf.compute(key, oprfInput(entity))
}
