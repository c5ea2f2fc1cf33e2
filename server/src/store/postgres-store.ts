/** The store on Postgres: one connection that writes, small pools for reads. */

import pg from 'pg'
import type { Logger } from '../base/index.ts'
import { postgresDialect, postgresPrelude, postgresSchemaOf } from './dialect.ts'
import { GroupCommit } from './group-commit.ts'
import { storeLimits } from './limits.ts'
import { listPendingMigrations, type MigrationStep, tellSlowMigrations } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import { createPostgresReader, postgresConfig, storeErrorOfPostgres } from './postgres-client.ts'
import { createPostgresCommit } from './postgres-commit.ts'
import { createStatements } from './statement.ts'
import { type Store, StoreError } from './store.ts'

export type PostgresOptions = {
  readonly engine: 'postgres'
  /** `postgres://user:password@host:port/database`; the database must exist and be in UTF-8. */
  readonly url: string
  readonly logger?: Logger
  /** Told a sentence now and then while migrations take long. */
  readonly onProgress?: (sentence: string) => void
  /** Other migrations than the program's, for tests. */
  readonly migrations?: readonly Migration[]
}

// Any number that other programs are unlikely to lock: "parallax" as hexadecimal digits would be too long.
const advisoryLock = 7_226_511_901

/** One process per database: the lock ends with the connection. */
async function lockStore(client: pg.Client): Promise<void> {
  const start = performance.now()
  for (;;) {
    const { rows } = await client.query(`SELECT pg_try_advisory_lock(${advisoryLock}) AS locked`)
    if (rows[0].locked === 1) return
    if (performance.now() - start > storeLimits.lockWaitMs) {
      throw new StoreError('busy', 'The database is in use by another process.')
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

async function migratePostgres(
  client: pg.Client,
  known: readonly Migration[],
  onStep: (step: MigrationStep) => void,
): Promise<void> {
  const { rows: tables } = await client.query(`SELECT to_regclass('schema_version') AS found`)
  const applied = tables[0].found === null ? [] : (await client.query('SELECT id FROM schema_version')).rows
  const pending = listPendingMigrations(
    known,
    applied.map(({ id }) => Number(id)),
  )
  for (const [index, { id, name, sql }] of pending.entries()) {
    onStep({ name, number: index + 1, count: pending.length })
    await client.query('BEGIN')
    try {
      await client.query(`${index === 0 ? postgresPrelude : ''};${postgresSchemaOf(sql)}`)
      const record = 'INSERT INTO schema_version (id, name, applied_ms) VALUES ($1, $2, $3)'
      await client.query(record, [id, name, Date.now()])
      await client.query('COMMIT')
    } catch (error) {
      await client.query('ROLLBACK')
      throw error
    }
  }
}

async function prepareDatabase(client: pg.Client, options: PostgresOptions): Promise<void> {
  let step: MigrationStep | undefined
  const tell = options.onProgress ?? (() => {})
  const stopTelling = tellSlowMigrations(() => step, tell, storeLimits.migrationQuietMs)
  try {
    await client.query('SET synchronous_commit = on')
    await lockStore(client)
    await migratePostgres(client, options.migrations ?? migrations, (next) => {
      step = next
    })
  } catch (error) {
    await client.end()
    throw storeErrorOfPostgres(error)
  } finally {
    stopTelling()
  }
}

/** Opens the store, bringing its schema up to date. Fails with 'busy' if another process has it open. */
export async function openPostgresStore(options: PostgresOptions): Promise<Store> {
  const client = new pg.Client(postgresConfig(options.url))
  let onLost = (_error: Error): void => {}
  client.on('error', (error) => onLost(error))
  await client.connect().catch((error: unknown) => {
    throw storeErrorOfPostgres(error)
  })
  await prepareDatabase(client, options)

  const statements = createStatements(postgresDialect)
  const queue = new GroupCommit(statements, createPostgresCommit(client, statements), options.logger)
  onLost = (error) => queue.fail(new StoreError('failed', `The connection to Postgres was lost: ${error.message}`))
  const openPool = (max: number): pg.Pool => {
    const pool = new pg.Pool({ ...postgresConfig(options.url), max, idleTimeoutMillis: 60_000 })
    pool.on('error', (error) => options.logger?.warn({ error }, 'an idle connection to Postgres was lost'))
    return pool
  }
  const short = createPostgresReader(openPool(storeLimits.postgresReadersMax), statements.of)
  const long = createPostgresReader(openPool(storeLimits.postgresLongReadersMax), statements.of)
  return {
    engine: 'postgres',
    reader: short.reader,
    longReader: long.reader,
    transact: (build) => queue.transact(build),
    async close() {
      await queue.drain()
      await Promise.all([short.close(), long.close()])
      await client.end()
    },
  }
}
