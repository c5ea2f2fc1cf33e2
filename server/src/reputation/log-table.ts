/** Rows of the log of the server's lens: who changed it, how and why. */

import type { Reader, Writer } from '../store/index.ts'
import { reputationLimits } from './limits.ts'

export type LogRow = {
  /** Grows from one entry to the next. */
  readonly entry: number
  readonly atMs: number
  /** 0: the command line. */
  readonly user: number
  readonly body: string
}

type RawLog = { entry: number; at_ms: number; user_number: number; body: string }

/** What is too old, or too much, goes. */
export function insertLog(tx: Writer, { entry, atMs, user, body }: LogRow): void {
  const { logMax, logMs } = reputationLimits
  tx.run`DELETE FROM reputation_log WHERE at_ms <= ${atMs - logMs} OR entry <= ${entry - logMax}`
  tx.run`INSERT INTO reputation_log (entry, at_ms, user_number, body) VALUES (${entry}, ${atMs}, ${user}, ${body})`
}

export async function findLastLog(reader: Reader): Promise<number> {
  const row = await reader.first<{ entry: number }>`SELECT entry FROM reputation_log ORDER BY entry DESC LIMIT 1`
  return row?.entry ?? 0
}

/** Newest first, from below a number on; none from before a time. */
export async function listLog(reader: Reader, below: number, sinceMs: number): Promise<LogRow[]> {
  const rows = await reader.all<RawLog>`
    SELECT * FROM reputation_log WHERE entry < ${below} AND at_ms > ${sinceMs}
    ORDER BY entry DESC LIMIT ${reputationLimits.logPageMax}`
  return rows.map((row) => ({ entry: row.entry, atMs: row.at_ms, user: row.user_number, body: row.body }))
}
