/** Rows of to-device messages that wait, and of the requests that sent them. */

import type { DeviceId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'

/** `content` is the event as a client sees it, JSON text. */
export type MessageRow = {
  readonly position: number
  readonly user: number
  readonly device: DeviceId
  readonly content: string
}

export function insertMessage(tx: Writer, row: MessageRow): void {
  tx.run`
    INSERT INTO to_device (position, user_number, device, content)
    VALUES (${row.position}, ${row.user}, ${row.device}, ${row.content})`
}

/** In order, positions in (after, upTo]. */
export async function listMessages(
  reader: Reader,
  user: number,
  device: string,
  range: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<{ position: number; content: string }[]> {
  return reader.all<{ position: number; content: string }>`
    SELECT position, content FROM to_device
    WHERE user_number = ${user} AND device = ${device} AND position > ${range.after} AND position <= ${range.upTo}
    ORDER BY position LIMIT ${range.limit}`
}

export type QueueEnds = { readonly oldest: number | null; readonly newest: number | null }

export async function findQueueEnds(reader: Reader, user: number, device: string): Promise<QueueEnds> {
  const ends = await reader.first<QueueEnds>`
    SELECT MIN(position) AS oldest, MAX(position) AS newest FROM to_device
    WHERE user_number = ${user} AND device = ${device}`
  return ends ?? { oldest: null, newest: null }
}

export function removeMessages(tx: Writer, user: number, device: string, upTo: number): void {
  tx.run`DELETE FROM to_device WHERE user_number = ${user} AND device = ${device} AND position <= ${upTo}`
}

/** Keeps the newest `countMax` messages. */
export function cutQueue(tx: Writer, user: number, device: string, countMax: number): void {
  tx.run`
    DELETE FROM to_device WHERE user_number = ${user} AND device = ${device} AND position <= (
      SELECT position FROM to_device WHERE user_number = ${user} AND device = ${device}
      ORDER BY position DESC LIMIT 1 OFFSET ${countMax})`
}

/** Messages and transactions of devices that are gone. */
export function removeQueues(tx: Writer, user: number, devices: readonly DeviceId[]): void {
  tx.run`DELETE FROM to_device WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
  tx.run`DELETE FROM to_device_transaction WHERE user_number = ${user} AND device IN ${anyOf(devices)}`
}

export type SendKey = { readonly user: number; readonly device: string; readonly transactionId: string }

export async function hasTransaction(reader: Reader, key: SendKey): Promise<boolean> {
  const row = await reader.first`
    SELECT at_ms FROM to_device_transaction
    WHERE user_number = ${key.user} AND device = ${key.device} AND transaction_id = ${key.transactionId}`
  return row !== undefined
}

/** Undoes the whole transaction (StoreError 'unique') if this request was handled before. */
export function insertTransaction(tx: Writer, key: SendKey, atMs: number): void {
  tx.run`
    INSERT INTO to_device_transaction (user_number, device, transaction_id, at_ms)
    VALUES (${key.user}, ${key.device}, ${key.transactionId}, ${atMs})`
}

export function removeTransactionsBefore(tx: Writer, atMs: number): void {
  tx.run`DELETE FROM to_device_transaction WHERE at_ms < ${atMs}`
}
