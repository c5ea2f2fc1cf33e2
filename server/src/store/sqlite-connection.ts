/** The little that we ask of an SQLite library, so that it can be exchanged. */

import type { Row, SqlValue } from './store.ts'

export type SqliteDriverName = 'better-sqlite3' | 'node:sqlite'

export interface SqliteStatement {
  /** Answers the number of rows changed. */
  run(parameters: readonly SqlValue[]): number
  all(parameters: readonly SqlValue[]): Row[]
  first(parameters: readonly SqlValue[]): Row | undefined
}

export interface SqliteConnection {
  exec(sql: string): void
  prepare(sql: string): SqliteStatement
  close(): void
}
