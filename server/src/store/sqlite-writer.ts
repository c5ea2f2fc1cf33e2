/**
 * The writer thread of the SQLite store: the only connection that writes. It answers each group of transactions after
 * the commit has reached the disk (WAL, synchronous=FULL).
 */

import { parentPort, workerData } from 'node:worker_threads'
import { storeLimits } from './limits.ts'
import type { MigrationStep } from './migrate.ts'
import type { Migration } from './migrations/index.ts'
import { SqliteCommitter, type SqliteGroup, type SqliteGroupOutcome } from './sqlite-commit.ts'
import type { SqliteConnection, SqliteDriverName } from './sqlite-connection.ts'
import { openSqlite, storeErrorOfSqlite } from './sqlite-driver.ts'
import { migrateSqlite } from './sqlite-migrate.ts'
import type { StoreErrorKind } from './store.ts'

export type WriterStart = {
  readonly path: string
  readonly driver: SqliteDriverName
  readonly migrations: readonly Migration[]
  readonly cacheKib: number
}

export type WriterRequest = { readonly kind: 'commit'; readonly group: SqliteGroup } | { readonly kind: 'close' }

export type WriterReply =
  | { readonly kind: 'migrating'; readonly step: MigrationStep }
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly error: readonly [kind: StoreErrorKind, message: string] }
  | { readonly kind: 'outcome'; readonly outcome: SqliteGroupOutcome }
  | { readonly kind: 'closed' }

const port = parentPort!

function reply(message: WriterReply): void {
  port.postMessage(message)
}

/** One process per database: the lock ends with the process, however it ends. */
function lockStore({ driver, path }: WriterStart): SqliteConnection {
  const lock = openSqlite(driver, `${path}-lock`, false)
  lock.exec(`PRAGMA busy_timeout = ${storeLimits.lockWaitMs}; PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE`)
  return lock
}

function openWriter({ driver, path, cacheKib }: WriterStart): SqliteConnection {
  const connection = openSqlite(driver, path, false)
  // auto_vacuum stays off: pruned pages are used again, and its pointer pages would cost every write.
  connection.exec(`PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    PRAGMA fullfsync = ON; PRAGMA busy_timeout = 5000; PRAGMA foreign_keys = ON; PRAGMA cache_size = -${cacheKib};
    PRAGMA mmap_size = 0; PRAGMA temp_store = MEMORY; PRAGMA case_sensitive_like = ON; PRAGMA trusted_schema = OFF;
    PRAGMA wal_autocheckpoint = ${storeLimits.walPagesMax}; PRAGMA journal_size_limit = ${storeLimits.walBytesKept}`)
  return connection
}

/** Copies the WAL back when there is nothing else to do, so that a busy time rarely has to. */
function createIdleCheckpoint(connection: SqliteConnection): { onCommit(): void; stop(): void } {
  const checkpoint = connection.prepare('PRAGMA wal_checkpoint(PASSIVE)')
  let commits = 0
  let timer: NodeJS.Timeout | undefined
  function run(): void {
    commits = 0
    checkpoint.all([])
  }
  return {
    onCommit() {
      commits++
      if (commits < storeLimits.idleCheckpointCommits) return
      if (timer === undefined) timer = setTimeout(run, storeLimits.idleCheckpointMs)
      else timer.refresh()
    },
    stop: () => clearTimeout(timer),
  }
}

function serve(start: WriterStart): void {
  const lock = lockStore(start)
  const connection = openWriter(start)
  migrateSqlite(connection, start.migrations, (step) => reply({ kind: 'migrating', step }))
  const committer = new SqliteCommitter(connection)
  const idleCheckpoint = createIdleCheckpoint(connection)
  port.on('message', (request: WriterRequest) => {
    if (request.kind === 'commit') {
      reply({ kind: 'outcome', outcome: committer.commit(request.group) })
      idleCheckpoint.onCommit()
      return
    }
    idleCheckpoint.stop()
    connection.close()
    lock.close()
    reply({ kind: 'closed' })
    port.close()
  })
  reply({ kind: 'ready' })
}

try {
  serve(workerData as WriterStart)
} catch (error) {
  const { kind, message } = storeErrorOfSqlite(error)
  reply({ kind: 'refused', error: [kind, message] })
  port.close()
}
