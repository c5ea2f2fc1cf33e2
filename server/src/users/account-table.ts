/** Rows of accounts. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'
import type { AccountState } from './users.ts'

export type AccountRow = {
  readonly user: number
  readonly passwordHash: string | null
  readonly isAdmin: boolean
  readonly isGuest: boolean
  readonly state: AccountState
  readonly createdMs: number
}

type RawRow = {
  user_number: number
  password_hash: string | null
  is_admin: number
  is_guest: number
  state: AccountState
  created_ms: number
}

export async function findAccount(reader: Reader, user: number): Promise<AccountRow | undefined> {
  const row = await reader.first<RawRow>`
    SELECT user_number, password_hash, is_admin, is_guest, state, created_ms FROM account
    WHERE user_number = ${user}`
  if (row === undefined) return undefined
  const { user_number, password_hash: passwordHash, is_admin, is_guest, state, created_ms: createdMs } = row
  return { user: user_number, passwordHash, isAdmin: is_admin === 1, isGuest: is_guest === 1, state, createdMs }
}

/** Those of these users who are guests. */
export async function listGuests(reader: Reader, users: readonly number[]): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM account WHERE user_number IN ${anyOf(users)} AND is_guest = 1`
  return rows.map((row) => row.user_number)
}

/** Undoes the whole transaction (StoreError 'unique') if there is such an account. */
export function insertAccount(tx: Writer, row: AccountRow): void {
  tx.run`
    INSERT INTO account (user_number, password_hash, is_admin, is_guest, state, created_ms)
    VALUES (${row.user}, ${row.passwordHash}, ${row.isAdmin ? 1 : 0}, ${row.isGuest ? 1 : 0}, ${row.state},
      ${row.createdMs})`
}

export function updatePassword(tx: Writer, user: number, passwordHash: string | null): void {
  tx.run`UPDATE account SET password_hash = ${passwordHash} WHERE user_number = ${user}`
}

export function updateAdmin(tx: Writer, user: number, isAdmin: boolean): void {
  tx.run`UPDATE account SET is_admin = ${isAdmin ? 1 : 0} WHERE user_number = ${user}`
}

export function updateState(tx: Writer, user: number, state: AccountState): void {
  tx.run`UPDATE account SET state = ${state} WHERE user_number = ${user}`
}

/** True if there is an account that is no guest's and is not deactivated. */
export async function hasAccounts(reader: Reader): Promise<boolean> {
  const row = await reader.first<{ user_number: number }>`
    SELECT user_number FROM account WHERE is_guest = 0 AND state <> 'deactivated' LIMIT 1`
  return row !== undefined
}
