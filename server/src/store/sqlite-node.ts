/** node:sqlite as a driver: kept in step with better-sqlite3 by running the store's tests on both. */

import { createRequire } from 'node:module'
import type { SqliteConnection } from './sqlite-connection.ts'
import type { Row } from './store.ts'

/** A connection made with node:sqlite, which is loaded only when it is asked for. */
export function openNodeSqlite(path: string, isReadOnly: boolean): SqliteConnection {
  const { DatabaseSync } = createRequire(import.meta.url)('node:sqlite') as typeof import('node:sqlite')
  const database = new DatabaseSync(path, { readOnly: isReadOnly })
  return {
    exec(sql) {
      database.exec(sql)
    },
    prepare(sql) {
      const statement = database.prepare(sql)
      return {
        run: (parameters) => Number(statement.run(...parameters).changes),
        all: (parameters) => statement.all(...parameters) as Row[],
        first: (parameters) => statement.get(...parameters) as Row | undefined,
      }
    },
    close() {
      database.close()
    },
  }
}
