/** The store: SQL on SQLite or Postgres, migrations, interned names. */

export { createStore, type StoreOptions } from './create-store.ts'
export { createNames } from './names.ts'
export type { Names } from './names-interface.ts'
export { probeStore } from './probe-store.ts'
export * from './store.ts'
