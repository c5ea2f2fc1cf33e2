/** Rows of clients' transaction IDs: a repeated send answers the event of the first. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'
import type { TransactionKey } from './rooms.ts'

/**
 * Undoes the whole transaction (StoreError 'unique') if this key was used before in this room: hold the room's turn.
 */
export function insertTransaction(tx: Writer, room: number, key: TransactionKey, event: number): void {
  tx.run`
    INSERT INTO send_transaction (user_number, device, transaction_id, room, path, event)
    VALUES (${key.user}, ${key.device}, ${key.transactionId}, ${room}, ${key.path}, ${event})`
}

/** The event that this request made, if it was handled before. */
export async function findTransaction(reader: Reader, room: number, key: TransactionKey): Promise<number | undefined> {
  const row = await reader.first<{ event: number }>`
    SELECT event FROM send_transaction
    WHERE user_number = ${key.user} AND device = ${key.device} AND transaction_id = ${key.transactionId}
      AND room = ${room} AND path = ${key.path}`
  return row?.event
}

/** Transaction IDs by event, for events that this device sent. */
export async function listTransactionIds(
  reader: Reader,
  user: number,
  device: string,
  events: readonly number[],
): Promise<Map<number, string>> {
  const rows = await reader.all<{ event: number; transaction_id: string }>`
    SELECT event, transaction_id FROM send_transaction
    WHERE event IN ${anyOf(events)} AND user_number = ${user} AND device = ${device}`
  return new Map(rows.map((row) => [row.event, row.transaction_id]))
}
