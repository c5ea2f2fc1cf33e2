/** Rows of reports. */

import type { EventId } from '@parallax/protocol'
import type { Reader, Writer } from '../store/index.ts'

/** What a user reported: a user, a room, or an event of a room. */
export type ReportRow = {
  /** Grows from one report to the next. */
  readonly report: number
  readonly reporter: number
  readonly user: number | null
  readonly room: number | null
  readonly eventId: EventId | null
  readonly reason: string
  readonly createdMs: number
}

type RawReport = {
  report: number
  reporter: number
  user_number: number | null
  room: number | null
  event_id: EventId | null
  reason: string
  created_ms: number
}

export async function findLastReport(reader: Reader): Promise<number> {
  const row = await reader.first<{ report: number }>`SELECT report FROM report ORDER BY report DESC LIMIT 1`
  return row?.report ?? 0
}

export function insertReport(tx: Writer, row: ReportRow): void {
  tx.run`
    INSERT INTO report (report, reporter, user_number, room, event_id, reason, created_ms)
    VALUES (${row.report}, ${row.reporter}, ${row.user}, ${row.room}, ${row.eventId}, ${row.reason}, ${row.createdMs})`
}

/** Leaves the newest `max` of the reporter's. */
export function removeOldReportsOf(tx: Writer, reporter: number, max: number): void {
  tx.run`
    DELETE FROM report WHERE reporter = ${reporter} AND report <= (
      SELECT report FROM report WHERE reporter = ${reporter} ORDER BY report DESC LIMIT 1 OFFSET ${max})`
}

export function removeReportsUpTo(tx: Writer, report: number): void {
  tx.run`DELETE FROM report WHERE report <= ${report}`
}

/** Newest first, from below a number on. */
export async function listReports(reader: Reader, below: number, limit: number): Promise<ReportRow[]> {
  const rows = await reader.all<RawReport>`
    SELECT * FROM report WHERE report < ${below} ORDER BY report DESC LIMIT ${limit}`
  return rows.map((row) => ({
    report: row.report,
    reporter: row.reporter,
    user: row.user_number,
    room: row.room,
    eventId: row.event_id,
    reason: row.reason,
    createdMs: row.created_ms,
  }))
}
