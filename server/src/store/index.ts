/** The store: SQL on SQLite or Postgres, migrations, interned names. */

export type { Names } from './names-interface.ts'
export * from './store.ts'
