/** What the rows of own sealed feeds say, who may read narrow ones, and costly hashes of names. */

import { decodeBase64, encodeBase64, type SealedOpinion } from '@parallax/reputation'
import { anyOf, type Reader, type Writer } from '../store/index.ts'

export type SealedRow = {
  /** Of the row. */
  readonly id: string
  /** The same for all rows on one entity and context. */
  readonly subject: string
  readonly opinion: SealedOpinion
  /** The entity's hash in this feed's tier: it costs much. */
  readonly hashed: Uint8Array
}

type RawSealed = { id: string; subject: string; body: string; hashed: string }

function toSealed({ id, subject, body, hashed }: RawSealed): SealedRow {
  return { id, subject, opinion: JSON.parse(body) as SealedOpinion, hashed: decodeBase64(hashed) }
}

export function insertSealed(tx: Writer, feed: string, { id, subject, opinion, hashed }: SealedRow): void {
  tx.run`
    INSERT INTO reputation_sealed (feed, id, subject, body, hashed)
    VALUES (${feed}, ${id}, ${subject}, ${JSON.stringify(opinion)}, ${encodeBase64(hashed)})`
}

/** What holds, in the order of the IDs; `subjects`: of these only. */
export async function listSealedHeld(reader: Reader, feed: string, subjects?: readonly string[]): Promise<SealedRow[]> {
  const isSome = subjects === undefined ? 0 : 1
  const rows = await reader.all<RawSealed>`
    SELECT s.id, s.subject, s.body, s.hashed FROM reputation_sealed s
    JOIN reputation_entry e ON e.feed = s.feed AND e.id = s.id
    WHERE s.feed = ${feed} AND (${isSome} = 0 OR s.subject IN ${anyOf(subjects ?? [])}) ORDER BY s.id`
  return rows.map(toSealed)
}

/** Rows that hold or held, unless they were forgotten, by ID. */
export async function findSealed(
  reader: Reader,
  feed: string,
  ids: readonly string[],
): Promise<Map<string, SealedRow>> {
  const rows = await reader.all<RawSealed>`
    SELECT id, subject, body, hashed FROM reputation_sealed WHERE feed = ${feed} AND id IN ${anyOf(ids)}`
  return new Map(rows.map((raw) => [raw.id, toSealed(raw)]))
}

/** All rows, also of before, that say something on what one of these says something on. */
export async function listSealedAlike(reader: Reader, feed: string, ids: readonly string[]): Promise<string[]> {
  const rows = await reader.all<{ id: string }>`
    SELECT id FROM reputation_sealed WHERE feed = ${feed} AND subject IN (
      SELECT subject FROM reputation_sealed WHERE feed = ${feed} AND id IN ${anyOf(ids)})`
  return rows.map(({ id }) => id)
}

export function forgetSealed(tx: Writer, feed: string, ids: readonly string[]): void {
  tx.run`DELETE FROM reputation_sealed WHERE feed = ${feed} AND id IN ${anyOf(ids)}`
}

export async function listReaders(reader: Reader, feed: string): Promise<string[]> {
  const rows = await reader.all<{ user_id: string }>`
    SELECT user_id FROM reputation_reader WHERE feed = ${feed} ORDER BY user_id`
  return rows.map((row) => row.user_id)
}

export function replaceReaders(tx: Writer, feed: string, readers: readonly string[]): void {
  tx.run`DELETE FROM reputation_reader WHERE feed = ${feed}`
  for (const reader of readers) tx.run`INSERT INTO reputation_reader (feed, user_id) VALUES (${feed}, ${reader})`
}

/** With the feed goes all that is known of its rows. */
export function removeSealing(tx: Writer, feed: string): void {
  tx.run`DELETE FROM reputation_sealed WHERE feed = ${feed}`
  tx.run`DELETE FROM reputation_reader WHERE feed = ${feed}`
}

/** The salt of the newest feed with a slow hash that is not older than a time: feeds share it, and so its cost. */
export async function findSharedSalt(reader: Reader, afterMs: number): Promise<string | undefined> {
  const row = await reader.first<{ manifest: string }>`
    SELECT manifest FROM reputation_feed WHERE created_ms > ${afterMs} AND manifest LIKE '%"tier":"T2"%'
    ORDER BY created_ms DESC LIMIT 1`
  return row && (JSON.parse(row.manifest) as { salt?: string }).salt
}

/** A hash that was computed before, in a scope: a salt, or the key of an oblivious function. */
export async function findHash(reader: Reader, scope: string, name: string): Promise<Uint8Array | undefined> {
  const row = await reader.first<{ hashed: string }>`
    SELECT hashed FROM reputation_hash WHERE scope = ${scope} AND name = ${name}`
  return row && decodeBase64(row.hashed)
}

export function insertHash(tx: Writer, scope: string, name: string, hashed: Uint8Array): void {
  tx.run`
    INSERT INTO reputation_hash (scope, name, hashed) VALUES (${scope}, ${name}, ${encodeBase64(hashed)})
    ON CONFLICT (scope, name) DO NOTHING`
}

/** Hashes of other scopes than these serve nobody any more. */
export function keepHashesOf(tx: Writer, scopes: readonly string[]): void {
  tx.run`DELETE FROM reputation_hash WHERE NOT (scope IN ${anyOf(scopes)})`
}
