/** Rows of user-interactive authentication sessions. */

import type { JsonObject } from '@parallax/protocol'
import type { Reader, Writer } from '../store/index.ts'

export type AuthSession = {
  readonly session: string
  /** What is asked for, with its object: it cannot be changed on the way. */
  readonly operation: string
  /** 0: nobody yet. */
  readonly user: number
  /** By stage: what is to be remembered of it. */
  readonly completed: JsonObject
  readonly expiresMs: number
}

export function upsertAuthSession(tx: Writer, row: AuthSession): void {
  tx.run`
    INSERT INTO auth_session (session, operation, user_number, completed, expires_ms)
    VALUES (${row.session}, ${row.operation}, ${row.user}, ${JSON.stringify(row.completed)}, ${row.expiresMs})
    ON CONFLICT (session) DO UPDATE SET completed = excluded.completed`
}

export async function findAuthSession(reader: Reader, session: string): Promise<AuthSession | undefined> {
  type Raw = { operation: string; user_number: number; completed: string; expires_ms: number }
  const row = await reader.first<Raw>`
    SELECT operation, user_number, completed, expires_ms FROM auth_session WHERE session = ${session}`
  if (row === undefined) return undefined
  const { operation, user_number: user, completed, expires_ms: expiresMs } = row
  return { session, operation, user, completed: JSON.parse(completed), expiresMs }
}

export function removeAuthSession(tx: Writer, session: string): void {
  tx.run`DELETE FROM auth_session WHERE session = ${session}`
}

/** Removes what has expired, and the oldest beyond `countMax`. */
export function pruneAuthSessions(tx: Writer, nowMs: number, countMax: number): void {
  tx.run`DELETE FROM auth_session WHERE expires_ms <= ${nowMs}`
  tx.run`
    DELETE FROM auth_session WHERE expires_ms <= (
      SELECT expires_ms FROM auth_session ORDER BY expires_ms DESC LIMIT 1 OFFSET ${countMax})`
}
