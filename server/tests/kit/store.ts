/** Stores for tests, on the engine that PARALLAX_TEST_ENGINE names. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createStore, type Store, type StoreOptions } from '../../src/store/index.ts'
import { migrations } from '../../src/store/migrations/index.ts'
import { freshDatabaseUrl, stopOwnCluster } from './postgres.ts'

export type TestEngine = 'sqlite' | 'node:sqlite' | 'postgres'

/** PARALLAX_TEST_ENGINE: sqlite (default), node:sqlite or postgres. */
export function testEngine(): TestEngine {
  const asked = process.env.PARALLAX_TEST_ENGINE ?? 'sqlite'
  if (asked === 'sqlite' || asked === 'node:sqlite' || asked === 'postgres') return asked
  throw new Error(`PARALLAX_TEST_ENGINE must be sqlite, node:sqlite or postgres, not ${asked}.`)
}

export type TestPlace = {
  /** What to give to `createStore`, again and again: the same database each time. */
  readonly options: StoreOptions
  remove(): void
}

/** A place for a database that does not exist yet; `schema` comes after the program's own. */
export async function createTestPlace(engine: TestEngine = testEngine(), schema = ''): Promise<TestPlace> {
  const all = schema === '' ? migrations : [...migrations, { id: migrations.length + 1, name: 'test', sql: schema }]
  if (engine === 'postgres') {
    return { options: { engine: 'postgres', url: await freshDatabaseUrl(), migrations: all }, remove: () => {} }
  }
  const folder = mkdtempSync(join(tmpdir(), 'parallax-store-'))
  return {
    options: {
      engine: 'sqlite',
      migrations: all,
      path: join(folder, 'parallax.db'),
      driver: engine === 'sqlite' ? 'better-sqlite3' : 'node:sqlite',
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

export type TestStore = {
  readonly store: Store
  readonly place: TestPlace
  /** Closes the store and removes its folder. */
  close(): Promise<void>
}

/** An empty store with the program's schema, and after it the tables of `schema` if that is given. */
export async function openTestStore(engine: TestEngine = testEngine(), schema?: string): Promise<TestStore> {
  const place = await createTestPlace(engine, schema)
  const store = await createStore(place.options)
  return {
    store,
    place,
    async close() {
      await store.close()
      place.remove()
    },
  }
}

/** Ends what the tests of this process started beside their stores. */
export const endTestStores = stopOwnCluster
