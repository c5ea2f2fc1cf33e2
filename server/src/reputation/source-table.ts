/** Rows of feeds that are followed, what they say, and who follows them. */

import {
  type ChainState,
  decodeBase64,
  type EntityKind,
  encodeBase64,
  entryId,
  type FeedEntry,
  type Head,
  type Manifest,
  type PlainEntry,
  parseRow,
  type RowEntry,
} from '@parallax/reputation'
import { anyOf, type Reader, type Writer } from '../store/index.ts'
import type { Manner, SourceHealth } from './reputation.ts'

export type SourceRow = {
  readonly source: number
  readonly address: string
  readonly manifest: Manifest
  /** With the pinned key. */
  readonly state: ChainState
  readonly health: SourceHealth
  /** In a row. */
  readonly failures: number
  readonly checkedMs: number
  readonly nextMs: number
  /** A copy, questions by range, or as a narrow feed is read by its members. */
  readonly manner: Manner
  /** What members read the rows with, base64url; else empty. */
  readonly audienceKey: string
  /** A head that others were shown and that does not fit ours, as JSON; else empty. */
  readonly otherHead: string
}

type RawSource = {
  source: number
  address: string
  public_key: string
  manifest: string
  seq: number
  head: string
  peaks: string
  health: SourceHealth
  failures: number
  checked_ms: number
  next_ms: number
  manner: Manner
  audience_key: string
  other_head: string
}

function toRow(raw: RawSource): SourceRow {
  const manifest = JSON.parse(raw.manifest) as Manifest
  const peaks = raw.peaks === '' ? [] : raw.peaks.split(',').map((peak) => decodeBase64(peak, 32))
  const head = raw.head === '' ? undefined : (JSON.parse(raw.head) as Head)
  return {
    source: raw.source,
    address: raw.address,
    manifest,
    state: { feed: manifest.feed, publicKey: raw.public_key, head, peaks },
    health: raw.health,
    failures: raw.failures,
    checkedMs: raw.checked_ms,
    nextMs: raw.next_ms,
    manner: raw.manner,
    audienceKey: raw.audience_key,
    otherHead: raw.other_head,
  }
}

export async function findSource(reader: Reader, address: string, publicKey: string): Promise<SourceRow | undefined> {
  const raw = await reader.first<RawSource>`
    SELECT * FROM reputation_source WHERE address = ${address} AND public_key = ${publicKey}`
  return raw && toRow(raw)
}

/** Whatever its key. */
export async function findSourceAt(reader: Reader, address: string): Promise<number | undefined> {
  const row = await reader.first<{ source: number }>`
    SELECT source FROM reputation_source WHERE address = ${address} LIMIT 1`
  return row?.source
}

/** Feeds that are followed for rooms. */
export async function countRoomSources(reader: Reader): Promise<number> {
  const row = await reader.first<{ count: number }>`
    SELECT COUNT(DISTINCT source) AS count FROM reputation_subscription WHERE user_number < 0`
  return Number(row?.count ?? 0)
}

export async function listSources(reader: Reader, sources: readonly number[]): Promise<SourceRow[]> {
  const rows = await reader.all<RawSource>`
    SELECT * FROM reputation_source WHERE source IN ${anyOf(sources)} ORDER BY source`
  return rows.map(toRow)
}

/** Those to be looked at, the longest due first. */
export async function listDueSources(reader: Reader, nowMs: number, limit: number): Promise<SourceRow[]> {
  const rows = await reader.all<RawSource>`
    SELECT * FROM reputation_source WHERE next_ms <= ${nowMs} ORDER BY next_ms LIMIT ${limit}`
  return rows.map(toRow)
}

export type WatchedSource = { readonly source: number; readonly address: string; readonly seq: number }

/** Sources with which all is well; of one server only, whose addresses begin with `base`. */
export async function listWatched(reader: Reader, base?: string): Promise<WatchedSource[]> {
  const [from, to] = base === undefined ? ['', '~'] : [`${base}/feeds/`, `${base}/feeds0`]
  return reader.all<WatchedSource>`
    SELECT source, address, seq FROM reputation_source
    WHERE address > ${from} AND address < ${to} AND health = 'good' AND manner = 'copy' ORDER BY source`
}

/** Users who follow a source. */
export async function listFollowers(reader: Reader, source: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM reputation_subscription WHERE source = ${source} AND user_number > 0
    ORDER BY user_number`
  return rows.map((row) => row.user_number)
}

/** Heads of public feeds that are followed whole; `keys`: of these only, otherwise those changed last. */
export async function listHeads(reader: Reader, limit: number, keys?: readonly string[]) {
  const isSome = keys === undefined ? 0 : 1
  const rows = await reader.all<{ source: number; public_key: string; head: string }>`
    SELECT source, public_key, head FROM reputation_source
    WHERE manner = 'copy' AND head <> '' AND (${isSome} = 0 OR public_key IN ${anyOf(keys ?? [])})
    ORDER BY checked_ms DESC LIMIT ${limit}`
  return rows.map(({ source, public_key: publicKey, head }) => ({ source, publicKey, head: JSON.parse(head) as Head }))
}

export async function listAllManifests(reader: Reader): Promise<Manifest[]> {
  const rows = await reader.all<{ manifest: string }>`SELECT manifest FROM reputation_source`
  return rows.map(({ manifest }) => JSON.parse(manifest) as Manifest)
}

export async function countSources(reader: Reader): Promise<{ readonly count: number; readonly last: number }> {
  const row = await reader.first<{ count: number; last: number | null }>`
    SELECT COUNT(*) AS count, MAX(source) AS last FROM reputation_source`
  return { count: Number(row?.count ?? 0), last: Number(row?.last ?? 0) }
}

export function insertSource(tx: Writer, row: SourceRow): void {
  const { publicKey } = row.state
  tx.run`
    INSERT INTO reputation_source
      (source, address, public_key, manifest, seq, head, peaks, health, failures, checked_ms, next_ms, manner)
    VALUES (${row.source}, ${row.address}, ${publicKey}, ${JSON.stringify(row.manifest)}, 0, '', '', ${row.health},
      ${row.failures}, ${row.checkedMs}, ${row.nextMs}, ${row.manner})`
  updateSource(tx, row)
}

/** Nothing, if nobody follows it any more. */
export function updateSource(tx: Writer, row: SourceRow): void {
  const { head, peaks } = row.state
  tx.run`
    UPDATE reputation_source SET manifest = ${JSON.stringify(row.manifest)}, seq = ${head?.seq ?? 0},
      head = ${head === undefined ? '' : JSON.stringify(head)}, peaks = ${peaks.map(encodeBase64).join(',')},
      health = ${row.health}, failures = ${row.failures}, checked_ms = ${row.checkedMs}, next_ms = ${row.nextMs},
      manner = ${row.manner}, audience_key = ${row.audienceKey}, other_head = ${row.otherHead}
    WHERE source = ${row.source}`
}

/** One entity, all that fit a pattern, or a sealed row. */
export type SaidForm = 'entity' | 'pattern' | 'row'

function targetOf(entry: PlainEntry | RowEntry): { form: SaidForm; kind: string; target: string } {
  if (entry.op === 'row') {
    return { form: 'row', kind: '', target: encodeBase64(parseRow(decodeBase64(entry.row)).index) }
  }
  if ('pattern' in entry) return { form: 'pattern', kind: entry.kind, target: entry.pattern }
  return { form: 'entity', kind: entry.kind, target: entry.entity }
}

/** When statements came that did not come with the feed itself, after a time, in order. */
export async function listHeard(reader: Reader, source: number, afterMs: number): Promise<number[]> {
  const rows = await reader.all<{ heard_ms: number }>`
    SELECT heard_ms FROM reputation_said WHERE source = ${source} AND heard_ms > ${afterMs} ORDER BY heard_ms`
  return rows.map((row) => row.heard_ms)
}

/** Statements that are believed less at a time. */
export async function countDamped(reader: Reader, source: number, nowMs: number): Promise<number> {
  const row = await reader.first<{ count: number }>`
    SELECT COUNT(*) AS count FROM reputation_said
    WHERE source = ${source} AND heard_ms > ${nowMs - 2 * 86_400_000} AND damped_ms > ${nowMs}`
  return Number(row?.count ?? 0)
}

/** When what is applied came (0: with the feed itself), and until when each entry is believed less. */
export type Arrival = { readonly heardMs: number; readonly dampedMs: readonly number[] }

/** What a source says from now on: statements are kept, what ends is removed, in order. */
export function applySaid(
  tx: Writer,
  source: number,
  entries: readonly FeedEntry[],
  { heardMs, dampedMs }: Arrival,
): void {
  for (const [index, entry] of entries.entries()) {
    if (entry.op === 'erased') continue
    if ('id' in entry) {
      tx.run`DELETE FROM reputation_said WHERE source = ${source} AND id = ${entry.id}`
      continue
    }
    const { form, kind, target } = targetOf(entry)
    tx.run`
      INSERT INTO reputation_said (source, id, form, kind, target, body, heard_ms, damped_ms)
      VALUES (${source}, ${entryId(entry)!}, ${form}, ${kind}, ${target}, ${JSON.stringify(entry)}, ${heardMs},
        ${dampedMs[index] ?? 0})
      ON CONFLICT (source, id) DO UPDATE SET body = excluded.body, heard_ms = excluded.heard_ms,
        damped_ms = excluded.damped_ms`
  }
}

/** How much of each form a source says, besides some IDs. */
export async function countSaid(
  reader: Reader,
  source: number,
  except: readonly string[] = [],
): Promise<Record<SaidForm, number>> {
  const rows = await reader.all<{ form: SaidForm; count: number }>`
    SELECT form, COUNT(*) AS count FROM reputation_said
    WHERE source = ${source} AND NOT (id IN ${anyOf(except)}) GROUP BY form`
  const counts = { entity: 0, pattern: 0, row: 0 }
  for (const { form, count } of rows) counts[form] = Number(count)
  return counts
}

export type SaidRow = {
  readonly source: number
  readonly target: string
  readonly body: string
  readonly damped_ms: number
}

/** What some sources say of one entity, or (kind '') have sealed at one index. */
export async function listSaidOf(
  reader: Reader,
  sources: readonly number[],
  kind: string,
  target: string,
): Promise<SaidRow[]> {
  return reader.all<SaidRow>`
    SELECT source, target, body, damped_ms FROM reputation_said
    WHERE target = ${target} AND kind = ${kind} AND form <> 'pattern' AND source IN ${anyOf(sources)}
    ORDER BY source, id`
}

/** Sources that say something of one entity by its name. */
export async function listSourcesAbout(reader: Reader, kind: string, target: string): Promise<number[]> {
  const rows = await reader.all<{ source: number }>`
    SELECT DISTINCT source FROM reputation_said
    WHERE target = ${target} AND kind = ${kind} AND form = 'entity' ORDER BY source`
  return rows.map(({ source }) => source)
}

export type PatternRow = SaidRow & { readonly kind: string }

/** The perceptual hashes that followed feeds name, each once, in their order. */
export async function listPictures(reader: Reader, limit: number): Promise<string[]> {
  const rows = await reader.all<{ target: string }>`
    SELECT DISTINCT target FROM reputation_said
    WHERE target > 'pdq:' AND target < 'pdq;' AND kind = 'media' AND form = 'entity' ORDER BY target LIMIT ${limit}`
  return rows.map(({ target }) => target.slice('pdq:'.length))
}

/** Whether some sources name pictures by perceptual hash. */
export async function mayNamePictures(reader: Reader, sources: readonly number[]): Promise<boolean> {
  const row = await reader.first<{ source: number }>`
    SELECT source FROM reputation_said
    WHERE target > 'pdq:' AND target < 'pdq;' AND kind = 'media' AND form = 'entity' AND source IN ${anyOf(sources)}
    LIMIT 1`
  return row !== undefined
}

/** Entities that a source names, some from a place among its IDs on, as far round as needed. */
export async function listSampled(reader: Reader, source: number, start: string, limit: number): Promise<string[]> {
  const after = await reader.all<{ target: string }>`
    SELECT target FROM reputation_said WHERE source = ${source} AND id >= ${start} AND form = 'entity'
    ORDER BY id LIMIT ${limit}`
  const before = await reader.all<{ target: string }>`
    SELECT target FROM reputation_said WHERE source = ${source} AND id < ${start} AND form = 'entity'
    ORDER BY id LIMIT ${limit - after.length}`
  return [...after, ...before].map(({ target }) => target)
}

export type HeardRow = SaidRow & { readonly kind: EntityKind; readonly heard_ms: number }

/** What some sources say of many entities by their names. */
export async function listSaidOfMany(
  reader: Reader,
  sources: readonly number[],
  targets: readonly string[],
): Promise<HeardRow[]> {
  return reader.all<HeardRow>`
    SELECT source, kind, target, body, damped_ms, heard_ms FROM reputation_said
    WHERE target IN ${anyOf(targets)} AND form = 'entity' AND source IN ${anyOf(sources)} ORDER BY source, id`
}

/** The patterns of some sources. */
export async function listPatterns(reader: Reader, sources: readonly number[]): Promise<PatternRow[]> {
  return reader.all<PatternRow>`
    SELECT source, kind, target, body, damped_ms FROM reputation_said
    WHERE source IN ${anyOf(sources)} AND form = 'pattern' ORDER BY source, id`
}

/** Whether some sources may say something of entities of these kinds: for sealed ones nobody can tell. */
export async function mayNameKinds(reader: Reader, sources: readonly number[], kinds: readonly string[]) {
  // All by the index, for a feed may say a million things. The kind of a sealed row is ''.
  const row = await reader.first<{ source: number }>`
    SELECT source FROM reputation_said
    WHERE source IN ${anyOf(sources)} AND form IN ('entity', 'pattern', 'row') AND kind IN ${anyOf(['', ...kinds])}
    LIMIT 1`
  return row !== undefined
}

export function insertSubscription(tx: Writer, user: number, source: number, createdMs: number): void {
  tx.run`
    INSERT INTO reputation_subscription (user_number, source, created_ms) VALUES (${user}, ${source}, ${createdMs})
    ON CONFLICT (user_number, source) DO NOTHING`
}

/** Sources that a user follows, in the order of their numbers. */
export async function listSubscribed(reader: Reader, user: number): Promise<number[]> {
  const rows = await reader.all<{ source: number }>`
    SELECT source FROM reputation_subscription WHERE user_number = ${user} ORDER BY source`
  return rows.map(({ source }) => source)
}

/** Ends subscriptions; a source that nobody follows any more goes with all that it says. */
export function removeSubscriptions(tx: Writer, user: number, sources: readonly number[]): void {
  tx.run`DELETE FROM reputation_subscription WHERE user_number = ${user} AND source IN ${anyOf(sources)}`
  tx.run`
    DELETE FROM reputation_source WHERE source IN ${anyOf(sources)} AND NOT EXISTS (
      SELECT 1 FROM reputation_subscription WHERE reputation_subscription.source = reputation_source.source)
    AND NOT EXISTS (SELECT 1 FROM reputation_parent WHERE parent = reputation_source.source)`
  tx.run`
    DELETE FROM reputation_said WHERE source IN ${anyOf(sources)} AND NOT EXISTS (
      SELECT 1 FROM reputation_source WHERE reputation_source.source = reputation_said.source)`
}
