/**
 * Commits groups of transactions on one SQLite connection. A group is first tried as a whole; only if one of its
 * transactions fails is it undone and run again with a savepoint around each.
 */

import {
  isFatalSqliteCode,
  type SqliteConnection,
  type SqliteStatement,
  sqliteCodeOf,
  storeErrorOfSqlite,
} from './sqlite-driver.ts'
import { type Row, type SqlValue, StoreError, type StoreErrorKind } from './store.ts'
import { stepMode } from './transaction.ts'

/** New statements (their numbers follow each other), and the group: see `encodeGroup`. */
export type SqliteGroup = {
  readonly texts: readonly string[]
  readonly counts: readonly number[]
  readonly code: SqlValue[]
}

export type SqliteGroupOutcome = {
  readonly errors: readonly (readonly [index: number, kind: StoreErrorKind, message: string])[]
  readonly returned: readonly (readonly [index: number, rows: Row[][]])[]
  /** The commit itself failed: nothing of the group is kept and the writer must stop. */
  readonly fatal?: readonly [kind: StoreErrorKind, message: string]
}

const allWell: SqliteGroupOutcome = { errors: [], returned: [] }

type Prepared = { readonly statement: SqliteStatement; readonly count: number }

export type SqliteCommitter = { commit(group: SqliteGroup): SqliteGroupOutcome }

/** Runs groups on this connection, which nobody else may use meanwhile. */
export function createSqliteCommitter(connection: SqliteConnection): SqliteCommitter {
  const texts: string[] = []
  const counts: number[] = []
  const prepared: Prepared[] = []
  const begin = connection.prepare('BEGIN IMMEDIATE')
  const commit = connection.prepare('COMMIT')
  const rollback = connection.prepare('ROLLBACK')
  const savepoint = connection.prepare('SAVEPOINT one')
  const release = connection.prepare('RELEASE one')
  const rollbackOne = connection.prepare('ROLLBACK TO one')

  function prepare(id: number): Prepared {
    const text = texts[id]
    if (text === undefined) throw new Error(`Statement ${id} was never registered.`)
    const made = { statement: connection.prepare(text), count: counts[id]! }
    prepared[id] = made
    return made
  }

  /** Runs the transaction whose code begins at `at`; answers the rows of its returning steps. */
  function runTransaction(code: SqlValue[], at: number): Row[][] | undefined {
    const steps = code[at] as number
    let cursor = at + 2
    let returned: Row[][] | undefined
    for (let step = 0; step < steps; step++) {
      const operation = code[cursor] as number
      const { statement, count } = prepared[operation >> 2] ?? prepare(operation >> 2)
      const parameters = code.slice(cursor + 1, cursor + 1 + count)
      cursor += 1 + count
      const mode = operation & 3
      if (mode === stepMode.returning) {
        returned ??= []
        returned.push(statement.all(parameters))
      } else if (statement.run(parameters) === 0 && mode === stepMode.require) {
        throw new StoreError('conflict', 'A condition of the transaction no longer holds.')
      }
    }
    return returned
  }

  function undo(): void {
    try {
      rollback.run([])
    } catch {
      // SQLite has undone the transaction itself, as it does after some failures.
    }
  }

  /** All at once; undefined if a transaction failed, and then nothing is kept. */
  function commitWhole(code: SqlValue[]): SqliteGroupOutcome | undefined {
    const returned: [number, Row[][]][] = []
    begin.run([])
    try {
      for (let at = 0, index = 0; at < code.length; at += code[at + 1] as number, index++) {
        const rows = runTransaction(code, at)
        if (rows !== undefined) returned.push([index, rows])
      }
    } catch (error) {
      undo()
      if (isFatalSqliteCode(sqliteCodeOf(error))) throw error
      return undefined
    }
    commit.run([])
    return returned.length === 0 ? allWell : { errors: [], returned }
  }

  function commitOneByOne(code: SqlValue[]): SqliteGroupOutcome {
    const errors: [number, StoreErrorKind, string][] = []
    const returned: [number, Row[][]][] = []
    begin.run([])
    for (let at = 0, index = 0; at < code.length; at += code[at + 1] as number, index++) {
      savepoint.run([])
      try {
        const rows = runTransaction(code, at)
        if (rows !== undefined) returned.push([index, rows])
      } catch (error) {
        if (isFatalSqliteCode(sqliteCodeOf(error))) throw error
        const { kind, message } = storeErrorOfSqlite(error)
        errors.push([index, kind, message])
        rollbackOne.run([])
      }
      release.run([])
    }
    commit.run([])
    return { errors, returned }
  }

  return {
    commit(group) {
      texts.push(...group.texts)
      counts.push(...group.counts)
      try {
        return commitWhole(group.code) ?? commitOneByOne(group.code)
      } catch (error) {
        undo()
        const { kind, message } = storeErrorOfSqlite(error)
        return { errors: [], returned: [], fatal: [kind, message] }
      }
    },
  }
}
