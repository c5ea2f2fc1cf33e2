/** Rows of the users for whom notifications are written down. */

import type { Reader, Writer } from '../store/index.ts'

export type PushUserRow = {
  readonly user: number
  /** True: what came before the row was made is written down too. */
  readonly isFilled: boolean
  /** When the user last asked for notifications; null: never. */
  readonly listedMs: number | null
}

export async function listPushUsers(reader: Reader): Promise<{ user: number; isFilled: boolean }[]> {
  const rows = await reader.all<{ user_number: number; is_filled: number }>`
    SELECT user_number, is_filled FROM push_user`
  return rows.map((row) => ({ user: row.user_number, isFilled: row.is_filled === 1 }))
}

export async function findPushUser(reader: Reader, user: number): Promise<PushUserRow | undefined> {
  const row = await reader.first<{ is_filled: number; listed_ms: number | null }>`
    SELECT is_filled, listed_ms FROM push_user WHERE user_number = ${user}`
  return row && { user, isFilled: row.is_filled === 1, listedMs: row.listed_ms }
}

/** Users who asked, but not after that time. */
export async function listForgetful(reader: Reader, beforeMs: number, limit: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM push_user WHERE listed_ms < ${beforeMs} ORDER BY user_number LIMIT ${limit}`
  return rows.map((row) => row.user_number)
}

export function insertPushUser(tx: Writer, user: number): void {
  tx.run`
    INSERT INTO push_user (user_number, is_filled, listed_ms) VALUES (${user}, 0, NULL)
    ON CONFLICT (user_number) DO NOTHING`
}

export function updateFilled(tx: Writer, user: number): void {
  tx.run`UPDATE push_user SET is_filled = 1 WHERE user_number = ${user}`
}

export function updateListed(tx: Writer, user: number, listedMs: number | null): void {
  tx.run`UPDATE push_user SET listed_ms = ${listedMs} WHERE user_number = ${user}`
}

export function removePushUser(tx: Writer, user: number): void {
  tx.run`DELETE FROM push_user WHERE user_number = ${user}`
}
