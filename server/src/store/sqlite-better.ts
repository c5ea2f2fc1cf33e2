/** better-sqlite3 as a driver. */

import Database from 'better-sqlite3'
import type { SqliteConnection } from './sqlite-connection.ts'
import type { Row } from './store.ts'

/** A connection made with better-sqlite3. */
export function openBetterSqlite(path: string, isReadOnly: boolean): SqliteConnection {
  const database = new Database(path, { readonly: isReadOnly })
  return {
    exec(sql) {
      database.exec(sql)
    },
    prepare(sql) {
      const statement = database.prepare<unknown[], Row>(sql)
      return {
        run: (parameters) => statement.run(parameters).changes,
        all: (parameters) => statement.all(parameters),
        first: (parameters) => statement.get(parameters),
      }
    },
    close() {
      database.close()
    },
  }
}
