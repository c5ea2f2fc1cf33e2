/** Opens SQLite with the library that is asked for, and says what its errors mean. */

import { openBetterSqlite } from './sqlite-better.ts'
import type { SqliteConnection, SqliteDriverName } from './sqlite-connection.ts'
import { openNodeSqlite } from './sqlite-node.ts'
import { StoreError, type StoreErrorKind } from './store.ts'

/** A connection to the database file at `path`, made if it is not there unless `isReadOnly`. */
export function openSqlite(driver: SqliteDriverName, path: string, isReadOnly: boolean): SqliteConnection {
  return driver === 'node:sqlite' ? openNodeSqlite(path, isReadOnly) : openBetterSqlite(path, isReadOnly)
}

/** A database for reading only, with the settings that all readers share. */
export function openSqliteReader(driver: SqliteDriverName, path: string, cacheKib: number): SqliteConnection {
  const connection = openSqlite(driver, path, true)
  connection.exec(`PRAGMA busy_timeout = 5000; PRAGMA cache_size = -${cacheKib}; PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY; PRAGMA case_sensitive_like = ON; PRAGMA trusted_schema = OFF; PRAGMA query_only = ON`)
  return connection
}

const constraint = 19
const uniqueCodes: readonly number[] = [2067, 1555, 2579] // UNIQUE, PRIMARYKEY, ROWID
// NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOTADB: nothing written afterwards could be trusted.
const fatalCodes: readonly number[] = [7, 8, 10, 11, 13, 14, 26]

const betterCodes: Readonly<Record<string, number>> = {
  SQLITE_CONSTRAINT_UNIQUE: 2067,
  SQLITE_CONSTRAINT_PRIMARYKEY: 1555,
  SQLITE_CONSTRAINT_ROWID: 2579,
  SQLITE_CONSTRAINT: 19,
  SQLITE_BUSY: 5,
  SQLITE_LOCKED: 6,
  SQLITE_NOMEM: 7,
  SQLITE_READONLY: 8,
  SQLITE_IOERR: 10,
  SQLITE_CORRUPT: 11,
  SQLITE_FULL: 13,
  SQLITE_CANTOPEN: 14,
  SQLITE_NOTADB: 26,
}

/** SQLite's result code of an error, whichever library threw it: extended where known; 1 if there is none. */
export function sqliteCodeOf(error: unknown): number {
  if (typeof error !== 'object' || error === null) return 1
  if ('errcode' in error && typeof error.errcode === 'number') return error.errcode
  if (!('code' in error) || typeof error.code !== 'string') return 1
  const exact = betterCodes[error.code]
  return exact ?? betterCodes[error.code.split('_').slice(0, 2).join('_')] ?? 1
}

/** True if the writer must stop: the disk, the memory or the file itself failed. */
export function isFatalSqliteCode(code: number): boolean {
  return fatalCodes.includes(code & 0xff)
}

function kindOf(code: number): StoreErrorKind {
  if (uniqueCodes.includes(code)) return 'unique'
  const primary = code & 0xff
  if (primary === 5 || primary === 6) return 'busy'
  if (primary === 11 || primary === 26) return 'corrupt'
  return 'failed'
}

/** What the components are told of an error of SQLite. */
export function storeErrorOfSqlite(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const code = sqliteCodeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  return new StoreError(kindOf(code), (code & 0xff) === constraint ? message : `SQLite ${code}: ${message}`)
}
