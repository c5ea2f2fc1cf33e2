/** Rows of device lists: when a user's devices or cross-signing keys last changed. */

import type { Reader, Writer } from '../store/index.ts'

export function upsertDeviceList(tx: Writer, user: number, position: number): void {
  tx.run`
    INSERT INTO device_list (user_number, position) VALUES (${user}, ${position})
    ON CONFLICT (user_number) DO UPDATE SET position = excluded.position`
}

/** Users whose last change has a position in (after, upTo]. */
export async function listChangedUsers(reader: Reader, after: number, upTo: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM device_list WHERE position > ${after} AND position <= ${upTo}`
  return rows.map((row) => row.user_number)
}

export async function findLastChange(reader: Reader): Promise<number> {
  const row = await reader.first<{ position: number | null }>`SELECT MAX(position) AS position FROM device_list`
  return row?.position ?? 0
}

/** When the user's devices or keys last changed; 0: never. */
export async function findListPosition(reader: Reader, user: number): Promise<number> {
  const row = await reader.first<{ position: number }>`SELECT position FROM device_list WHERE user_number = ${user}`
  return row?.position ?? 0
}
