/** Rows of feeds that users of this server publish: their chains and what they hold. */

import {
  type ChainState,
  createChain,
  createFeedKey,
  decodeBase64,
  encodeBase64,
  type FeedKey,
  type Head,
  type Manifest,
} from '@parallax/reputation'
import { anyOf, type Reader, type Writer } from '../store/index.ts'
import { reputationLimits } from './limits.ts'
import type { Audience } from './reputation.ts'
import { removeSealing } from './sealed-table.ts'

export type FeedRow = {
  readonly feed: string
  readonly owner: number
  readonly audience: Audience
  readonly key: FeedKey
  /** Canonical text with the signature. */
  readonly manifestText: string
  readonly manifest: Manifest
  readonly state: ChainState
  /** 32 bytes in base64url, of which further keys are made; empty for feeds that seal nothing. */
  readonly secret: string
  /** Rows sealed so far: their numbers are given once. */
  readonly rowsMade: number
}

type RawFeed = {
  feed: string
  owner: number
  audience: Audience
  seed: string
  manifest: string
  seq: number
  head: string
  peaks: string
  secret: string
  rows_made: number
}

function toRow(raw: RawFeed): FeedRow {
  const key = createFeedKey(decodeBase64(raw.seed, 32))
  const empty = createChain(raw.feed, key.publicKey)
  const peaks = raw.peaks === '' ? [] : raw.peaks.split(',').map((peak) => decodeBase64(peak, 32))
  return {
    feed: raw.feed,
    owner: raw.owner,
    audience: raw.audience,
    key,
    manifestText: raw.manifest,
    manifest: JSON.parse(raw.manifest) as Manifest,
    state: raw.seq === 0 ? empty : { ...empty, head: JSON.parse(raw.head) as Head, peaks },
    secret: raw.secret,
    rowsMade: raw.rows_made,
  }
}

export type NewFeed = {
  readonly feed: string
  readonly owner: number
  readonly audience: Audience
  readonly seed: Uint8Array
  readonly secret: string
  readonly manifest: Manifest
  readonly createdMs: number
}

export function insertFeed(tx: Writer, row: NewFeed): void {
  const { feed, owner, audience, seed, secret, manifest, createdMs } = row
  tx.run`
    INSERT INTO reputation_feed (feed, owner, audience, seed, secret, manifest, seq, head, peaks, created_ms)
    VALUES (${feed}, ${owner}, ${audience}, ${encodeBase64(seed)}, ${secret}, ${JSON.stringify(manifest)}, 0, '', '',
      ${createdMs})`
}

export async function findFeed(reader: Reader, feed: string): Promise<FeedRow | undefined> {
  const raw = await reader.first<RawFeed>`SELECT * FROM reputation_feed WHERE feed = ${feed}`
  return raw && toRow(raw)
}

/** The last batch of each, of those that are public. */
export async function listFeedHeads(reader: Reader, feeds: readonly string[]) {
  return reader.all<{ readonly feed: string; readonly seq: number }>`
    SELECT feed, seq FROM reputation_feed WHERE audience = 'public' AND feed IN ${anyOf(feeds)}`
}

export async function listFeedsOf(reader: Reader, owner: number): Promise<FeedRow[]> {
  const rows = await reader.all<RawFeed>`
    SELECT * FROM reputation_feed WHERE owner = ${owner} ORDER BY created_ms, feed
    LIMIT ${reputationLimits.feedsPerUserMax}`
  return rows.map(toRow)
}

export async function listPublicManifests(reader: Reader): Promise<Manifest[]> {
  const rows = await reader.all<{ manifest: string }>`
    SELECT manifest FROM reputation_feed WHERE audience = 'public'
    ORDER BY created_ms DESC, feed LIMIT ${reputationLimits.listedFeedsMax}`
  return rows.map(({ manifest }) => JSON.parse(manifest) as Manifest)
}

export function updateManifest(tx: Writer, feed: string, manifest: Manifest): void {
  tx.run`UPDATE reputation_feed SET manifest = ${JSON.stringify(manifest)} WHERE feed = ${feed}`
}

/** The feed with one batch more; undoes the transaction if another has that number. */
export function insertBatch(tx: Writer, { feed, head, peaks }: ChainState, leaf: string, body: string): void {
  const { seq } = head!
  tx.require`
    UPDATE reputation_feed
    SET seq = ${seq}, head = ${JSON.stringify(head)}, peaks = ${peaks.map(encodeBase64).join(',')}
    WHERE feed = ${feed} AND seq = ${seq - 1}`
  tx.run`INSERT INTO reputation_batch (feed, seq, leaf, body) VALUES (${feed}, ${seq}, ${leaf}, ${body})`
}

/** Numbers of rows are given once, whatever becomes of the rows. */
export function updateRowsMade(tx: Writer, feed: string, rowsMade: number): void {
  tx.run`UPDATE reputation_feed SET rows_made = ${rowsMade} WHERE feed = ${feed}`
}

export type BatchRow = { readonly seq: number; readonly body: string }

/** In order, from after a number on. */
export async function listBatches(reader: Reader, feed: string, since: number, limit: number): Promise<BatchRow[]> {
  return reader.all<BatchRow>`
    SELECT seq, body FROM reputation_batch WHERE feed = ${feed} AND seq > ${since} ORDER BY seq LIMIT ${limit}`
}

/** The numbers after one, with the characters of their batches, in order. */
export async function listBatchSizes(
  reader: Reader,
  feed: string,
  since: number,
  limit: number,
): Promise<{ readonly seq: number; readonly characters: number }[]> {
  return reader.all<{ seq: number; characters: number }>`
    SELECT seq, LENGTH(body) AS characters FROM reputation_batch
    WHERE feed = ${feed} AND seq > ${since} ORDER BY seq LIMIT ${limit}`
}

export function updateBatch(tx: Writer, feed: string, { seq, body }: BatchRow): void {
  tx.run`UPDATE reputation_batch SET body = ${body} WHERE feed = ${feed} AND seq = ${seq}`
}

/** Hashes of all batches, in order. */
export async function listLeaves(reader: Reader, feed: string): Promise<Uint8Array[]> {
  const rows = await reader.all<{ leaf: string }>`
    SELECT leaf FROM reputation_batch WHERE feed = ${feed} ORDER BY seq`
  return rows.map(({ leaf }) => decodeBase64(leaf, 32))
}

export type EntryRow = {
  readonly id: string
  readonly isPattern: boolean
  readonly hash: string
  readonly body: string
}
type RawEntry = { id: string; is_pattern: number; hash: string; body: string }

/** What a feed holds, in the order of the IDs. */
export async function listEntries(reader: Reader, feed: string): Promise<EntryRow[]> {
  const rows = await reader.all<RawEntry>`
    SELECT id, is_pattern, hash, body FROM reputation_entry WHERE feed = ${feed} ORDER BY id`
  return rows.map(({ is_pattern, ...row }) => ({ ...row, isPattern: is_pattern === 1 }))
}

/** How many entries a feed holds besides some: statements on one entity (0) and patterns (1). */
export async function countEntries(reader: Reader, feed: string, except: readonly string[]): Promise<[number, number]> {
  const rows = await reader.all<{ is_pattern: number; count: number }>`
    SELECT is_pattern, COUNT(*) AS count FROM reputation_entry
    WHERE feed = ${feed} AND NOT (id IN ${anyOf(except)}) GROUP BY is_pattern`
  const of = (kind: number): number => Number(rows.find(({ is_pattern }) => is_pattern === kind)?.count ?? 0)
  return [of(0), of(1)]
}

export function upsertEntry(tx: Writer, feed: string, { id, isPattern, hash, body }: EntryRow): void {
  tx.run`
    INSERT INTO reputation_entry (feed, id, is_pattern, hash, body)
    VALUES (${feed}, ${id}, ${isPattern ? 1 : 0}, ${hash}, ${body})
    ON CONFLICT (feed, id) DO UPDATE SET hash = excluded.hash, body = excluded.body`
}

export function removeEntries(tx: Writer, feed: string, ids: readonly string[]): void {
  tx.run`DELETE FROM reputation_entry WHERE feed = ${feed} AND id IN ${anyOf(ids)}`
}

export function removeFeedRows(tx: Writer, feed: string): void {
  tx.run`DELETE FROM reputation_entry WHERE feed = ${feed}`
  tx.run`DELETE FROM reputation_batch WHERE feed = ${feed}`
  removeSealing(tx, feed)
  tx.run`DELETE FROM reputation_feed WHERE feed = ${feed}`
}
