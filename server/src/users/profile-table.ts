/** Rows of profile fields. */

import type { Reader, Writer } from '../store/index.ts'

/** `value` is JSON text. */
export type ProfileRow = {
  readonly user: number
  readonly field: string
  readonly value: string
  readonly position: number
}

export async function listProfileFields(reader: Reader, user: number): Promise<{ field: string; value: string }[]> {
  return reader.all<{ field: string; value: string }>`
    SELECT field, value FROM profile_field WHERE user_number = ${user} ORDER BY field`
}

export function insertProfileField(tx: Writer, row: ProfileRow): void {
  tx.run`
    INSERT INTO profile_field (user_number, field, value, position)
    VALUES (${row.user}, ${row.field}, ${row.value}, ${row.position})
    ON CONFLICT (user_number, field) DO UPDATE SET value = excluded.value, position = excluded.position`
}

export function removeProfileField(tx: Writer, user: number, field: string): void {
  tx.run`DELETE FROM profile_field WHERE user_number = ${user} AND field = ${field}`
}

export function removeProfile(tx: Writer, user: number): void {
  tx.run`DELETE FROM profile_field WHERE user_number = ${user}`
}
