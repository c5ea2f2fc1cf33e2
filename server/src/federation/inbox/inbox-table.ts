/** Rows of transactions that were answered, and of events that wait for what they rest on. */

import type { EventId, ServerName } from '@parallax/protocol'
import type { Reader, Returned, Writer } from '../../store/index.ts'

export type TransactionName = {
  readonly origin: ServerName
  readonly destination: ServerName
  readonly transactionId: string
}

export async function findAnswer(reader: Reader, name: TransactionName): Promise<string | undefined> {
  const row = await reader.first<{ answer: string }>`
    SELECT answer FROM inbox_transaction WHERE origin = ${name.origin} AND destination = ${name.destination}
      AND transaction_id = ${name.transactionId}`
  return row?.answer
}

export function insertAnswer(tx: Writer, name: TransactionName, atMs: number, answer: string): void {
  tx.run`
    INSERT INTO inbox_transaction (origin, destination, transaction_id, at_ms, answer)
    VALUES (${name.origin}, ${name.destination}, ${name.transactionId}, ${atMs}, ${answer})
    ON CONFLICT (origin, destination, transaction_id) DO NOTHING`
}

export function removeAnswersBefore(tx: Writer, atMs: number): void {
  tx.run`DELETE FROM inbox_transaction WHERE at_ms < ${atMs}`
}

/** An event that passed the checks that look at nothing but itself. */
export type WaitingRow = {
  /** Order of arrival. */
  readonly position: number
  readonly room: number
  /** Who sent it to us. */
  readonly origin: ServerName
  readonly eventId: EventId
  /** JSON text. */
  readonly pdu: string
  readonly isAuthoriserSigned: boolean
  readonly isPolicySigned: boolean
  /** False: the keys of its signers could not be had yet; nothing is known of its signatures and its hash. */
  readonly isVerified: boolean
  /** How often it was tried. */
  readonly attempts: number
}

/** One server's events of one room. */
export type QueueName = { readonly room: number; readonly origin: ServerName }

/** One that waits already is tried at once; it keeps the position that is answered. */
export function insertWaiting(tx: Writer, row: WaitingRow): Returned<{ position: number }> {
  return tx.returning<{ position: number }>`
    INSERT INTO inbox_event (position, room, origin, event_id, pdu, is_vouched, is_policy_signed, is_verified, attempts,
      retry_ms)
    VALUES (${row.position}, ${row.room}, ${row.origin}, ${row.eventId}, ${row.pdu}, ${Number(row.isAuthoriserSigned)},
      ${Number(row.isPolicySigned)}, ${Number(row.isVerified)}, ${row.attempts}, 0)
    ON CONFLICT (room, origin, event_id) DO UPDATE SET retry_ms = 0
    RETURNING position`
}

/** The first of a queue whose time has come. */
export async function listWaiting(
  reader: Reader,
  { room, origin }: QueueName,
  nowMs: number,
  limit: number,
): Promise<WaitingRow[]> {
  const rows = await reader.all<{
    position: number
    event_id: EventId
    pdu: string
    is_vouched: number
    is_policy_signed: number
    is_verified: number
    attempts: number
  }>`
    SELECT position, event_id, pdu, is_vouched, is_policy_signed, is_verified, attempts FROM inbox_event
    WHERE room = ${room} AND origin = ${origin} AND retry_ms <= ${nowMs}
    ORDER BY position LIMIT ${limit}`
  return rows.map((row) => ({
    ...{ position: row.position, room, origin, eventId: row.event_id, pdu: row.pdu, attempts: row.attempts },
    ...{ isAuthoriserSigned: row.is_vouched === 1, isPolicySigned: row.is_policy_signed === 1 },
    isVerified: row.is_verified === 1,
  }))
}

export function removeWaiting(tx: Writer, position: number): void {
  tx.run`DELETE FROM inbox_event WHERE position = ${position}`
}

export function updateRetry(tx: Writer, position: number, attempts: number, retryMs: number): void {
  tx.run`UPDATE inbox_event SET attempts = ${attempts}, retry_ms = ${retryMs} WHERE position = ${position}`
}

/** A server is there again: what waits for it is tried at once. */
export function updateRetryOfServer(tx: Writer, origin: ServerName): void {
  tx.run`UPDATE inbox_event SET retry_ms = 0 WHERE origin = ${origin} AND retry_ms > 0`
}

/** What waits in a room is tried at once. */
export function updateRetryOfRoom(tx: Writer, room: number): void {
  tx.run`UPDATE inbox_event SET retry_ms = 0 WHERE room = ${room} AND retry_ms > 0`
}

/** Queues with an event whose time has come. */
export function listDueQueues(reader: Reader, nowMs: number, limit: number): Promise<QueueName[]> {
  return reader.all<QueueName>`
    SELECT DISTINCT room, origin FROM inbox_event WHERE retry_ms <= ${nowMs} LIMIT ${limit}`
}

/** When the next event is to be tried; undefined: none waits. */
export async function findNextRetry(reader: Reader): Promise<number | undefined> {
  const row = await reader.first<{ at_ms: number | null }>`SELECT MIN(retry_ms) AS at_ms FROM inbox_event`
  return row?.at_ms ?? undefined
}

/** How many events wait, by the server that sent them. */
export async function countWaiting(reader: Reader): Promise<Map<ServerName, number>> {
  const rows = await reader.all<{ origin: ServerName; count: number }>`
    SELECT origin, COUNT(*) AS count FROM inbox_event GROUP BY origin`
  return new Map(rows.map((row) => [row.origin, row.count]))
}
