/** Rows of dehydrated devices: at most one for each user. */

import type { DeviceId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'

/** `content` is JSON text of the device's data, sealed by the client. */
export type DehydratedRow = { readonly device: DeviceId; readonly content: string }

export async function findDehydrated(reader: Reader, user: number): Promise<DehydratedRow | undefined> {
  return reader.first<DehydratedRow>`SELECT device, content FROM dehydrated_device WHERE user_number = ${user}`
}

/** Dehydrated devices by user. */
export async function listDehydrated(reader: Reader, users: readonly number[]): Promise<Map<number, DeviceId>> {
  const rows = await reader.all<{ user_number: number; device: DeviceId }>`
    SELECT user_number, device FROM dehydrated_device WHERE user_number IN ${anyOf(users)}`
  return new Map(rows.map((row) => [row.user_number, row.device]))
}

export function upsertDehydrated(tx: Writer, user: number, row: DehydratedRow): void {
  tx.run`
    INSERT INTO dehydrated_device (user_number, device, content) VALUES (${user}, ${row.device}, ${row.content})
    ON CONFLICT (user_number) DO UPDATE SET device = excluded.device, content = excluded.content`
}

export function removeDehydratedRow(tx: Writer, user: number): void {
  tx.run`DELETE FROM dehydrated_device WHERE user_number = ${user}`
}
