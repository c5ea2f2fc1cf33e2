/** A reader thread of the SQLite store, for long reads. */

import { parentPort, workerData } from 'node:worker_threads'
import type { SqliteDriverName, SqliteStatement } from './sqlite-connection.ts'
import { openSqliteReader, storeErrorOfSqlite } from './sqlite-driver.ts'
import type { SqlValue, StoreErrorKind } from './store.ts'

export type ReaderStart = { readonly path: string; readonly driver: SqliteDriverName; readonly cacheKib: number }

/** `text` comes with the first use of a statement in this thread. */
export type ReadRequest = {
  readonly statement: number
  readonly text: string | undefined
  readonly parameters: readonly SqlValue[]
}

/** Rows as one flat array: row after row, each in the order of the columns. Answered in the order of the requests. */
export type ReadReply =
  | { readonly columns: readonly string[]; readonly values: readonly SqlValue[] }
  | { readonly error: readonly [kind: StoreErrorKind, message: string] }

const { path, driver, cacheKib } = workerData as ReaderStart
const port = parentPort!
const connection = openSqliteReader(driver, path, cacheKib)
const prepared: (SqliteStatement | undefined)[] = []
const texts: string[] = []

function read({ statement: id, text, parameters }: ReadRequest): ReadReply {
  if (text !== undefined) texts[id] = text
  try {
    const statement = prepared[id] ?? connection.prepare(texts[id]!)
    prepared[id] = statement
    const rows = statement.all(parameters)
    const columns = rows.length === 0 ? [] : Object.keys(rows[0]!)
    const values: SqlValue[] = []
    for (const row of rows) for (const column of columns) values.push(row[column]!)
    return { columns, values }
  } catch (error) {
    const { kind, message } = storeErrorOfSqlite(error)
    return { error: [kind, message] }
  }
}

port.on('message', (request: ReadRequest | 'close') => {
  if (request === 'close') {
    connection.close()
    port.close()
  } else {
    port.postMessage(read(request))
  }
})
