/** Runs migrations on an SQLite connection. */

import { listPendingMigrations, type MigrationStep } from './migrate.ts'
import type { Migration } from './migrations/index.ts'
import type { SqliteConnection } from './sqlite-connection.ts'

/** Brings the schema up to date; `onStep` is told before each migration. */
export function migrateSqlite(
  connection: SqliteConnection,
  known: readonly Migration[],
  onStep: (step: MigrationStep) => void,
): void {
  const hasTable = connection.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'`).all([]).length > 0
  const applied = hasTable ? connection.prepare('SELECT id FROM schema_version').all([]) : []
  const pending = listPendingMigrations(
    known,
    applied.map(({ id }) => Number(id)),
  )
  for (const [index, { id, name, sql }] of pending.entries()) {
    onStep({ name, number: index + 1, count: pending.length })
    connection.exec('BEGIN IMMEDIATE')
    try {
      connection.exec(sql)
      connection
        .prepare('INSERT INTO schema_version (id, name, applied_ms) VALUES (?, ?, ?)')
        .run([id, name, Date.now()])
      connection.exec('COMMIT')
    } catch (error) {
      connection.exec('ROLLBACK')
      throw error
    }
  }
}
