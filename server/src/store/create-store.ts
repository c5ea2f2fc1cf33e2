/** Opens the store on the engine that the configuration names. */

import type { PostgresOptions } from './postgres-store.ts'
import { openSqliteStore, type SqliteOptions } from './sqlite-store.ts'
import type { Store } from './store.ts'

export type StoreOptions = SqliteOptions | PostgresOptions

/**
 * Opens the store and brings its schema up to date. Only one process may have a store open: StoreError 'busy'
 * otherwise; 'failed' with a sentence for the administrator if a newer version of the program has used it.
 */
export async function createStore(options: StoreOptions): Promise<Store> {
  if (options.engine === 'sqlite') return openSqliteStore(options)
  const { openPostgresStore } = await import('./postgres-store.ts') // not loaded where it is not used
  return openPostgresStore(options)
}
