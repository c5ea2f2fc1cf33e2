/** Rows of filters: numbered per user; the same filter once. */

import type { Reader, Writer } from '../store/index.ts'

export async function findFilterByDigest(reader: Reader, user: number, digest: string): Promise<number | undefined> {
  const row = await reader.first<{ filter: number }>`
    SELECT filter FROM user_filter WHERE user_number = ${user} AND digest = ${digest}`
  return row?.filter
}

export async function findFilterContent(reader: Reader, user: number, filter: number): Promise<string | undefined> {
  const row = await reader.first<{ content: string }>`
    SELECT content FROM user_filter WHERE user_number = ${user} AND filter = ${filter}`
  return row?.content
}

/** The highest number of a filter of this user; -1: none. */
export async function findLastFilter(reader: Reader, user: number): Promise<number> {
  const row = await reader.first<{ filter: number | null }>`
    SELECT MAX(filter) AS filter FROM user_filter WHERE user_number = ${user}`
  return row?.filter ?? -1
}

export type FilterRow = { readonly filter: number; readonly digest: string; readonly content: string }

export function insertFilter(tx: Writer, user: number, row: FilterRow): void {
  tx.run`
    INSERT INTO user_filter (user_number, filter, digest, content)
    VALUES (${user}, ${row.filter}, ${row.digest}, ${row.content})`
}

export function removeFilters(tx: Writer, user: number): void {
  tx.run`DELETE FROM user_filter WHERE user_number = ${user}`
}
