/** Connections to Postgres whose values look as they do on SQLite: int8 as numbers, booleans as 0 and 1. */

import pg from 'pg'
import { postgresValueOf, unescapePostgresText } from './dialect.ts'
import type { Statement } from './statement.ts'
import { type Reader, type Row, type SqlParameter, StoreError, type StoreErrorKind } from './store.ts'

const parsers: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => (text === 't' ? 1 : 0), // bool
  20: Number, // int8
  25: unescapePostgresText, // text
  1043: unescapePostgresText, // varchar
  1700: Number, // numeric, as sum() of int8 answers
}

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    parsers[oid] ?? pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
}

/** How to connect; `pipeline` sends queries without waiting for the answers of those before. */
export function postgresConfig(url: string): pg.ClientConfig & { pipeline: boolean } {
  return { connectionString: url, types, application_name: 'parallax', keepAlive: true, pipeline: true }
}

/** A statement with its values, prepared under a name on each connection that runs it. */
export function postgresQuery(statement: Statement, values: readonly SqlParameter[]): pg.QueryConfig {
  return { name: `s${statement.id}`, text: statement.text, values: values.map(postgresValueOf) }
}

// Disk full, out of memory, I/O error, corrupt data or index; classes 08 and 57: the connection or the server ends.
const fatalStates = /^(08|57|53100|53200|58|XX00[12])/

/** True if the writer must stop: the connection, the server or its disk failed. */
export function isFatalPostgresError(error: unknown): boolean {
  const state = stateOf(error)
  return state === undefined || fatalStates.test(state)
}

function stateOf(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined
  return error.code
}

/** What the components are told of an error of Postgres. */
export function storeErrorOfPostgres(error: unknown): StoreError {
  if (error instanceof StoreError) return error
  const state = stateOf(error)
  const message = error instanceof Error ? error.message : String(error)
  let kind: StoreErrorKind = 'failed'
  if (state === '23505') kind = 'unique'
  else if (state?.startsWith('XX00')) kind = 'corrupt'
  else if (state === '55P03' || state === '40001' || state === '40P01') kind = 'busy'
  return new StoreError(kind, state === undefined ? message : `Postgres ${state}: ${message}`)
}

/** A reader on a pool of connections; closing answers what was asked, for the pool alone would forget what waits. */
export function createPostgresReader(
  pool: pg.Pool,
  statementOf: (text: TemplateStringsArray, values: readonly SqlParameter[]) => Statement,
): { reader: Reader; close(): Promise<void> } {
  const running = new Set<Promise<unknown>>()
  let isClosed = false
  async function read(text: TemplateStringsArray, values: readonly SqlParameter[]): Promise<Row[]> {
    if (isClosed) throw new StoreError('closed', 'The store is closed.')
    const asked = pool.query<Row>(postgresQuery(statementOf(text, values), values))
    running.add(asked)
    try {
      return (await asked).rows
    } catch (error) {
      throw storeErrorOfPostgres(error)
    } finally {
      running.delete(asked)
    }
  }
  return {
    reader: {
      all: <R>(text: TemplateStringsArray, ...values: SqlParameter[]) => read(text, values) as Promise<R[]>,
      first: async <R>(text: TemplateStringsArray, ...values: SqlParameter[]) =>
        (await read(text, values))[0] as R | undefined,
    },
    async close() {
      isClosed = true
      await Promise.allSettled(running)
      await pool.end()
    },
  }
}
