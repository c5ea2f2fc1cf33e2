/**
 * Commits groups of transactions on one SQLite connection. A group is first tried as a whole; only if one of its
 * transactions fails is it undone and run again with a savepoint around each.
 */

import type { SqliteConnection, SqliteStatement } from './sqlite-connection.ts'
import { isFatalSqliteCode, sqliteCodeOf, storeErrorOfSqlite } from './sqlite-driver.ts'
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

const controls = {
  begin: 'BEGIN IMMEDIATE',
  commit: 'COMMIT',
  rollback: 'ROLLBACK',
  savepoint: 'SAVEPOINT one',
  release: 'RELEASE one',
  rollbackOne: 'ROLLBACK TO one',
} as const

type Prepared = { readonly statement: SqliteStatement; readonly count: number }

/** Runs groups on one connection, which nobody else may use meanwhile. */
export class SqliteCommitter {
  readonly #connection: SqliteConnection
  readonly #texts: string[] = []
  readonly #counts: number[] = []
  readonly #prepared: Prepared[] = []
  readonly #run: (control: keyof typeof controls) => void

  constructor(connection: SqliteConnection) {
    this.#connection = connection
    const prepared = Object.fromEntries(Object.entries(controls).map(([name, sql]) => [name, connection.prepare(sql)]))
    this.#run = (control) => void prepared[control]!.run([])
  }

  /** Commits the group and answers the fate of each transaction. Never throws. */
  commit(group: SqliteGroup): SqliteGroupOutcome {
    for (const text of group.texts) this.#texts.push(text)
    for (const count of group.counts) this.#counts.push(count)
    try {
      return this.#commitWhole(group.code) ?? this.#commitOneByOne(group.code)
    } catch (error) {
      this.#undo()
      const { kind, message } = storeErrorOfSqlite(error)
      return { errors: [], returned: [], fatal: [kind, message] }
    }
  }

  #prepare(id: number): Prepared {
    const text = this.#texts[id]
    if (text === undefined) throw new Error(`Statement ${id} was never registered.`)
    const made = { statement: this.#connection.prepare(text), count: this.#counts[id]! }
    this.#prepared[id] = made
    return made
  }

  /** Runs the transaction whose code begins at `at`; answers the rows of its returning steps. */
  #runTransaction(code: SqlValue[], at: number): Row[][] | undefined {
    const steps = code[at] as number
    let cursor = at + 2
    let returned: Row[][] | undefined
    for (let step = 0; step < steps; step++) {
      const operation = code[cursor] as number
      const { statement, count } = this.#prepared[operation >> 2] ?? this.#prepare(operation >> 2)
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

  #undo(): void {
    try {
      this.#run('rollback')
    } catch {
      // SQLite has undone the transaction itself, as it does after some failures.
    }
  }

  /** All at once; undefined if a transaction failed, and then nothing is kept. */
  #commitWhole(code: SqlValue[]): SqliteGroupOutcome | undefined {
    const returned: [number, Row[][]][] = []
    this.#run('begin')
    try {
      for (let at = 0, index = 0; at < code.length; at += code[at + 1] as number, index++) {
        const rows = this.#runTransaction(code, at)
        if (rows !== undefined) returned.push([index, rows])
      }
    } catch (error) {
      this.#undo()
      if (isFatalSqliteCode(sqliteCodeOf(error))) throw error
      return undefined
    }
    this.#run('commit')
    return returned.length === 0 ? allWell : { errors: [], returned }
  }

  #commitOneByOne(code: SqlValue[]): SqliteGroupOutcome {
    const errors: [number, StoreErrorKind, string][] = []
    const returned: [number, Row[][]][] = []
    this.#run('begin')
    for (let at = 0, index = 0; at < code.length; at += code[at + 1] as number, index++) {
      this.#run('savepoint')
      try {
        const rows = this.#runTransaction(code, at)
        if (rows !== undefined) returned.push([index, rows])
      } catch (error) {
        if (isFatalSqliteCode(sqliteCodeOf(error))) throw error
        const { kind, message } = storeErrorOfSqlite(error)
        errors.push([index, kind, message])
        this.#run('rollbackOne')
      }
      this.#run('release')
    }
    this.#run('commit')
    return { errors, returned }
  }
}
