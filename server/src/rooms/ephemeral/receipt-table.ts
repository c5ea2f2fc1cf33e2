/** Rows of receipts: the newest of each user, type and thread in each room. */

import type { EventId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../../store/index.ts'
import { ephemeralLimits } from './limits.ts'
import type { ReceiptRow, ReceiptType } from './receipt.ts'

type RawRow = {
  room: number
  user_number: number
  type: string
  thread: string
  event_id: string
  stream: number
  ts: number
  position: number
}

function toReceipt(row: RawRow): ReceiptRow {
  return {
    room: row.room,
    user: row.user_number,
    type: row.type as ReceiptType,
    thread: row.thread,
    eventId: row.event_id as EventId,
    stream: row.stream,
    ts: row.ts,
    position: row.position,
  }
}

export function upsertReceipt(tx: Writer, row: ReceiptRow): void {
  tx.run`
    INSERT INTO receipt (room, user_number, type, thread, event_id, stream, ts, position)
    VALUES (${row.room}, ${row.user}, ${row.type}, ${row.thread}, ${row.eventId}, ${row.stream}, ${row.ts},
      ${row.position})
    ON CONFLICT (room, user_number, type, thread) DO UPDATE SET event_id = excluded.event_id,
      stream = excluded.stream, ts = excluded.ts, position = excluded.position`
}

/** Receipts of these rooms set after a position, oldest first; the newest where there are too many. */
export async function listReceiptsAfter(
  reader: Reader,
  rooms: readonly number[],
  after: number,
): Promise<ReceiptRow[]> {
  const rows = await reader.all<RawRow>`
    SELECT * FROM receipt WHERE room IN ${anyOf(rooms)} AND position > ${after}
    ORDER BY position DESC LIMIT ${ephemeralLimits.receiptsListedMax * Math.max(1, rooms.length)}`
  return rows.reverse().map(toReceipt)
}

/** All receipts of one user. */
export async function listReceiptsOfUser(reader: Reader, user: number): Promise<ReceiptRow[]> {
  return (await reader.all<RawRow>`SELECT * FROM receipt WHERE user_number = ${user}`).map(toReceipt)
}
