/** Rows of servers that do not answer. */

import type { Reader, Writer } from '../../store/index.ts'

export type FailingRow = {
  readonly server: string
  /** Since when it does not answer, ms. */
  readonly sinceMs: number
  /** Not asked before this time, ms. */
  readonly retryMs: number
  /** How long was waited last, ms. */
  readonly waitMs: number
}

type RawRow = { server: string; since_ms: number; retry_ms: number; wait_ms: number }

export function upsertFailing(tx: Writer, row: FailingRow): void {
  tx.run`
    INSERT INTO failing_server (server, since_ms, retry_ms, wait_ms)
    VALUES (${row.server}, ${row.sinceMs}, ${row.retryMs}, ${row.waitMs})
    ON CONFLICT (server) DO UPDATE SET since_ms = excluded.since_ms, retry_ms = excluded.retry_ms,
      wait_ms = excluded.wait_ms`
}

export function removeFailing(tx: Writer, server: string): void {
  tx.run`DELETE FROM failing_server WHERE server = ${server}`
}

/** The servers that failed last, at most `limit`. */
export async function listFailing(reader: Reader, limit: number): Promise<FailingRow[]> {
  const rows = await reader.all<RawRow>`SELECT * FROM failing_server ORDER BY retry_ms DESC LIMIT ${limit}`
  return rows.map((row) => ({
    server: row.server,
    sinceMs: row.since_ms,
    retryMs: row.retry_ms,
    waitMs: row.wait_ms,
  }))
}
