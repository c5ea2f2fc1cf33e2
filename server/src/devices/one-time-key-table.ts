/** Rows of one-time keys and fallback keys. */

import { anyOf, type Reader, type Returned, type Writer } from '../store/index.ts'

export type KeyPlace = { readonly user: number; readonly device: string; readonly algorithm: string }

/** `content` is JSON text. */
export type IssuedKey = { readonly key_id: string; readonly content: string }

/** `issue` orders the keys of a device as they were issued. */
export type OneTimeKeyRow = KeyPlace & { readonly keyId: string; readonly issue: number; readonly content: string }

export function insertOneTimeKey(tx: Writer, row: OneTimeKeyRow): void {
  tx.run`
    INSERT INTO one_time_key (user_number, device, algorithm, key_id, issue, content)
    VALUES (${row.user}, ${row.device}, ${row.algorithm}, ${row.keyId}, ${row.issue}, ${row.content})`
}

/** Those of the keys of a device that have one of these IDs, whatever their algorithm. */
export async function listOneTimeKeys(
  reader: Reader,
  user: number,
  device: string,
  keyIds: readonly string[],
): Promise<{ algorithm: string; key_id: string; content: string }[]> {
  return reader.all<{ algorithm: string; key_id: string; content: string }>`
    SELECT algorithm, key_id, content FROM one_time_key
    WHERE user_number = ${user} AND device = ${device} AND key_id IN ${anyOf(keyIds)}`
}

/** The key that was issued first is taken: by one taker only. */
export function takeOneTimeKey(tx: Writer, { user, device, algorithm }: KeyPlace): Returned<IssuedKey> {
  return tx.returning<IssuedKey>`
    DELETE FROM one_time_key
    WHERE user_number = ${user} AND device = ${device} AND algorithm = ${algorithm} AND issue = (
      SELECT MIN(issue) FROM one_time_key
      WHERE user_number = ${user} AND device = ${device} AND algorithm = ${algorithm})
    RETURNING key_id, content`
}

export async function listKeyCounts(
  reader: Reader,
  user: number,
  device: string,
): Promise<{ algorithm: string; count: number }[]> {
  return reader.all<{ algorithm: string; count: number }>`
    SELECT algorithm, COUNT(*) AS count FROM one_time_key
    WHERE user_number = ${user} AND device = ${device} GROUP BY algorithm ORDER BY algorithm`
}

export type FallbackRow = IssuedKey & { readonly algorithm: string; readonly is_used: number }

export async function listFallbackKeys(reader: Reader, user: number, device: string): Promise<FallbackRow[]> {
  return reader.all<FallbackRow>`
    SELECT algorithm, key_id, content, is_used FROM fallback_key
    WHERE user_number = ${user} AND device = ${device} ORDER BY algorithm`
}

/** Replaces the fallback key of that algorithm. */
export function upsertFallbackKey(tx: Writer, { user, device, algorithm }: KeyPlace, key: IssuedKey): void {
  tx.run`
    INSERT INTO fallback_key (user_number, device, algorithm, key_id, content, is_used)
    VALUES (${user}, ${device}, ${algorithm}, ${key.key_id}, ${key.content}, 0)
    ON CONFLICT (user_number, device, algorithm)
    DO UPDATE SET key_id = excluded.key_id, content = excluded.content, is_used = 0`
}

export function markFallbackUsed(tx: Writer, { user, device, algorithm }: KeyPlace, keyId: string): void {
  tx.run`
    UPDATE fallback_key SET is_used = 1
    WHERE user_number = ${user} AND device = ${device} AND algorithm = ${algorithm} AND key_id = ${keyId}`
}
