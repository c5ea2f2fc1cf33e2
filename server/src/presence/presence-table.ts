/** Rows of presence: what survives a restart, and who was last told to be there. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'
import { presenceLimits } from './limits.ts'

export type PresenceRow = {
  readonly user: number
  /** Others were told that the user is online or unavailable. */
  readonly isOnline: boolean
  readonly lastActiveMs: number | undefined
  readonly statusMessage: string | undefined
}

type RawRow = {
  user_number: number
  is_online: number
  last_active_ms: number | null
  status_message: string | null
}

function toRow(row: RawRow): PresenceRow {
  return {
    user: row.user_number,
    isOnline: row.is_online === 1,
    lastActiveMs: row.last_active_ms ?? undefined,
    statusMessage: row.status_message ?? undefined,
  }
}

export async function listRows(reader: Reader, users: readonly number[]): Promise<PresenceRow[]> {
  return (await reader.all<RawRow>`SELECT * FROM presence WHERE user_number IN ${anyOf(users)}`).map(toRow)
}

export async function listOnlineRows(reader: Reader): Promise<PresenceRow[]> {
  const rows = await reader.all<RawRow>`
    SELECT * FROM presence WHERE is_online = 1 ORDER BY last_active_ms DESC LIMIT ${presenceLimits.restoredMax}`
  return rows.map(toRow)
}

export function upsertRow(tx: Writer, row: PresenceRow): void {
  tx.run`
    INSERT INTO presence (user_number, is_online, last_active_ms, status_message)
    VALUES (${row.user}, ${row.isOnline ? 1 : 0}, ${row.lastActiveMs ?? null}, ${row.statusMessage ?? null})
    ON CONFLICT (user_number) DO UPDATE SET is_online = excluded.is_online,
      last_active_ms = excluded.last_active_ms, status_message = excluded.status_message`
}

export function removeRow(tx: Writer, user: number): void {
  tx.run`DELETE FROM presence WHERE user_number = ${user}`
}
