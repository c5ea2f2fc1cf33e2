/** Looks whether a store can be used, without changing or locking it. */

import { existsSync } from 'node:fs'
import type { StoreOptions } from './create-store.ts'
import { listPendingMigrations } from './migrate.ts'
import { migrations } from './migrations/index.ts'
import { openNodeSqlite } from './sqlite-node.ts'
import { StoreError } from './store.ts'

export type Probed = {
  readonly state: 'ok' | 'warning' | 'fault'
  /** For the administrator. */
  readonly text: string
}

/** Never rejects for what is wrong with the store. */
export async function probeStore(options: StoreOptions): Promise<Probed> {
  try {
    if (options.engine === 'postgres') return await probePostgres(options.url)
    if (!existsSync(options.path)) return { state: 'warning', text: `${options.path} is made at the first start` }
    return sayPending('SQLite', readSqliteVersions(options.path))
  } catch (error) {
    return { state: 'fault', text: error instanceof StoreError ? error.message : `cannot be used: ${messageOf(error)}` }
  }
}

function readSqliteVersions(path: string): number[] {
  const connection = openNodeSqlite(path, true)
  try {
    const hasTable = connection.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'`).all([]).length > 0
    const rows = hasTable ? connection.prepare('SELECT id FROM schema_version').all([]) : []
    return rows.map(({ id }) => Number(id))
  } finally {
    connection.close()
  }
}

async function probePostgres(url: string): Promise<Probed> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 5_000 })
  try {
    await client.connect()
    const version = String((await client.query('SHOW server_version')).rows[0]?.server_version)
    const table = await client.query(`SELECT to_regclass('schema_version') AS name`)
    const applied = table.rows[0]?.name === null ? [] : (await client.query('SELECT id FROM schema_version')).rows
    return sayPending(
      `Postgres ${version}`,
      applied.map(({ id }) => Number(id)),
    )
  } finally {
    await client.end()
  }
}

function sayPending(engine: string, applied: readonly number[]): Probed {
  const pending = listPendingMigrations(migrations, applied)
  if (pending.length === 0) return { state: 'ok', text: `${engine}, up to date` }
  const count = pending.length === 1 ? 'one migration runs' : `${pending.length} migrations run`
  return { state: 'ok', text: `${engine}; ${count} at the next start: make a backup before it` }
}

/** Of several failed attempts to connect, the first. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return messageOf(error.errors[0])
  return error instanceof Error ? error.message : String(error)
}
