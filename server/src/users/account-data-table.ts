/** Rows of account data; room 0 stands for global account data. */

import type { Reader, Writer } from '../store/index.ts'
import type { AccountDataRow } from './users.ts'

export async function findContent(
  reader: Reader,
  user: number,
  room: number,
  type: string,
): Promise<string | undefined> {
  const row = await reader.first<{ content: string }>`
    SELECT content FROM account_data WHERE user_number = ${user} AND room = ${room} AND type = ${type}`
  return row?.content
}

export async function countTypes(reader: Reader, user: number, room: number): Promise<number> {
  const row = await reader.first<{ count: number }>`
    SELECT COUNT(*) AS count FROM account_data WHERE user_number = ${user} AND room = ${room}`
  return row?.count ?? 0
}

export type NewContent = AccountDataRow & { readonly user: number; readonly room: number }

export function upsertContent(tx: Writer, row: NewContent): void {
  tx.run`
    INSERT INTO account_data (user_number, room, type, content, position)
    VALUES (${row.user}, ${row.room}, ${row.type}, ${row.content}, ${row.position})
    ON CONFLICT (user_number, room, type) DO UPDATE SET content = excluded.content, position = excluded.position`
}

/** Rows with a position in (after, upTo], in order of the position. */
export async function listContents(
  reader: Reader,
  user: number,
  after: number,
  upTo: number,
): Promise<(AccountDataRow & { room: number })[]> {
  return reader.all<AccountDataRow & { room: number }>`
    SELECT room, type, content, position FROM account_data
    WHERE user_number = ${user} AND position > ${after} AND position <= ${upTo} ORDER BY position`
}

export function removeContents(tx: Writer, user: number): void {
  tx.run`DELETE FROM account_data WHERE user_number = ${user}`
}
