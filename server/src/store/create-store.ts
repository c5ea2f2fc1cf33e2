/** Opens the store on the engine that the configuration names. */

import { openPostgresStore, type PostgresOptions } from './postgres-store.ts'
import { openSqliteStore, type SqliteOptions } from './sqlite-store.ts'
import type { Store } from './store.ts'

export type StoreOptions = SqliteOptions | PostgresOptions

/**
 * Opens the store and brings its schema up to date. Only one process may have a store open: StoreError 'busy'
 * otherwise; 'failed' with a sentence for the administrator if a newer version of the program has used it.
 */
export function createStore(options: StoreOptions): Promise<Store> {
  return options.engine === 'sqlite' ? openSqliteStore(options) : openPostgresStore(options)
}
