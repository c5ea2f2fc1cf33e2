/** The store on SQLite: one writer thread, short reads on this thread, long reads on threads of their own. */

import { type Logger, startWorker } from '../base/index.ts'
import { sqliteDialect, sqliteValueOf } from './dialect.ts'
import { type CommitGroup, GroupCommit, type GroupOutcome } from './group-commit.ts'
import { storeLimits } from './limits.ts'
import { type MigrationStep, tellSlowMigrations } from './migrate.ts'
import { type Migration, migrations } from './migrations/index.ts'
import type { SqliteGroupOutcome } from './sqlite-commit.ts'
import type { SqliteDriverName, SqliteStatement } from './sqlite-connection.ts'
import { openSqliteReader, storeErrorOfSqlite } from './sqlite-driver.ts'
import { encodeGroup } from './sqlite-encode.ts'
import { SqliteLongReader } from './sqlite-long-reader.ts'
import type { WriterReply, WriterRequest, WriterStart } from './sqlite-writer.ts'
import { createStatements, type Statements } from './statement.ts'
import { type Reader, type SqlParameter, type SqlValue, type Store, StoreError } from './store.ts'

export type SqliteOptions = {
  readonly engine: 'sqlite'
  /** The database file; its folder must exist. Beside it are `-wal`, `-shm` and `-lock`. */
  readonly path: string
  readonly driver?: SqliteDriverName
  readonly logger?: Logger
  /** Told a sentence now and then while migrations take long. */
  readonly onProgress?: (sentence: string) => void
  /** Other migrations than the program's, for tests. */
  readonly migrations?: readonly Migration[]
}

type WriterThread = {
  readonly commit: CommitGroup
  /** Called if the thread ends unasked. */
  onLost: (error: StoreError) => void
  close(): Promise<void>
  terminate(): Promise<unknown>
}

const noErrors: GroupOutcome = { errors: new Map(), returned: new Map() }

function outcomeOf({ errors, returned, fatal }: SqliteGroupOutcome): GroupOutcome {
  if (fatal !== undefined) throw new StoreError(...fatal)
  if (errors.length === 0 && returned.length === 0) return noErrors
  return {
    errors: new Map(errors.map(([index, kind, message]) => [index, new StoreError(kind, message)])),
    returned: new Map(returned),
  }
}

/** Starts the writer; resolves when the schema is up to date and it takes groups. */
function startWriter(start: WriterStart, statements: Statements, options: SqliteOptions): Promise<WriterThread> {
  const worker = startWorker(import.meta.url, 'sqlite-writer', {
    workerData: start,
    resourceLimits: { maxYoungGenerationSizeMb: 4, maxOldGenerationSizeMb: 256 },
  })
  let known = 0
  let step: MigrationStep | undefined
  let running: { resolve: (outcome: GroupOutcome) => void; reject: (error: StoreError) => void } | undefined
  let onClosed: (() => void) | undefined
  const send = (request: WriterRequest): void => worker.postMessage(request)

  const thread: WriterThread = {
    onLost: () => {},
    async commit(group) {
      const code = encodeGroup(group)
      const fresh = statements.since(known)
      known += fresh.length
      return new Promise((resolve, reject) => {
        running = { resolve, reject }
        send({
          kind: 'commit',
          group: { texts: fresh.map(({ text }) => text), counts: fresh.map((one) => one.parameterCount), code },
        })
      })
    },
    close: () =>
      new Promise((resolve) => {
        onClosed = resolve
        send({ kind: 'close' })
      }),
    terminate: () => worker.terminate(),
  }

  function settle(outcome: SqliteGroupOutcome): void {
    const asked = running
    running = undefined
    try {
      asked?.resolve(outcomeOf(outcome))
    } catch (error) {
      asked?.reject(error as StoreError)
    }
  }

  const tell = options.onProgress ?? (() => {})
  const stopTelling = tellSlowMigrations(() => step, tell, storeLimits.migrationQuietMs)
  return new Promise((resolve, reject) => {
    worker.on('message', (reply: WriterReply) => {
      if (reply.kind === 'outcome') settle(reply.outcome)
      else if (reply.kind === 'migrating') step = reply.step
      else if (reply.kind === 'refused') reject(refusalOf(reply.error, start.path))
      else if (reply.kind === 'ready') {
        stopTelling()
        resolve(thread)
      }
    })
    const onEnd = (reason: unknown): void => {
      stopTelling()
      if (onClosed !== undefined) {
        onClosed()
        return
      }
      const error = new StoreError('failed', `The writer thread of the store ended: ${reason}`)
      reject(error)
      running?.reject(error)
      thread.onLost(error)
    }
    worker.on('error', onEnd)
    worker.on('exit', onEnd)
  })
}

function refusalOf(error: readonly [kind: StoreError['kind'], message: string], path: string): StoreError {
  if (error[0] !== 'busy') return new StoreError(...error)
  return new StoreError('busy', `The database ${path} is in use by another process.`)
}

/** Reads on the calling thread: a message to another one costs more than a short read. */
function createMainReader(start: WriterStart, statements: Statements): { reader: Reader; close(): void } {
  const connection = openSqliteReader(start.driver, start.path, storeLimits.readerCacheKib)
  const prepared: (SqliteStatement | undefined)[] = []
  let isClosed = false

  /** The prepared statement of a call site; its values are made ready in place. */
  function prepare(text: TemplateStringsArray, values: SqlParameter[]): SqliteStatement {
    if (isClosed) throw new StoreError('closed', 'The store is closed.')
    const { id, text: sql } = statements.of(text, values)
    let statement = prepared[id]
    if (statement === undefined) {
      statement = connection.prepare(sql)
      prepared[id] = statement
    }
    for (let index = 0; index < values.length; index++) values[index] = sqliteValueOf(values[index]!)
    return statement
  }

  return {
    reader: {
      async all<R>(text: TemplateStringsArray, ...values: SqlParameter[]) {
        try {
          return prepare(text, values).all(values as SqlValue[]) as R[]
        } catch (error) {
          throw storeErrorOfSqlite(error)
        }
      },
      async first<R>(text: TemplateStringsArray, ...values: SqlParameter[]) {
        try {
          return prepare(text, values).first(values as SqlValue[]) as R | undefined
        } catch (error) {
          throw storeErrorOfSqlite(error)
        }
      },
    },
    close() {
      isClosed = true
      connection.close()
    },
  }
}

/** Opens the store, bringing its schema up to date. Fails with 'busy' if another process has it open. */
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const statements = createStatements(sqliteDialect)
  const start: WriterStart = {
    path: options.path,
    driver: options.driver ?? 'better-sqlite3',
    migrations: options.migrations ?? migrations,
    cacheKib: storeLimits.writerCacheKib,
  }
  const writer = await startWriter(start, statements, options)
  const main = createMainReader(start, statements)
  const long = new SqliteLongReader(start.path, start.driver, statements)
  const queue = new GroupCommit(statements, writer.commit, options.logger)
  writer.onLost = (error) => queue.fail(error)
  return {
    engine: 'sqlite',
    reader: main.reader,
    longReader: long,
    transact: (build) => queue.transact(build),
    async close() {
      await queue.drain()
      await long.close()
      main.close()
      await (queue.failure === undefined ? writer.close() : writer.terminate())
    },
  }
}
