/** A full disk, a lost writer: everything that waits is refused, nothing is half there. */

import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { endTestStores, openTestStore, type TestEngine } from '../../tests/kit/store.ts'
import { createStore, type Store, StoreError } from './index.ts'

const schema = 'CREATE TABLE thing (id INTEGER PRIMARY KEY, text TEXT);'
const isFailed = (error: unknown): boolean => error instanceof StoreError && error.kind === 'failed'

function insert(store: Store, id: number, text = ''): Promise<void> {
  return store.transact((tx) => tx.run`INSERT INTO thing (id, text) VALUES (${id}, ${text})`)
}

/** Loses the store by `lose` while other transactions wait; then opens it again and finds what was acknowledged. */
async function checkLoss(
  engine: TestEngine,
  lose: (store: Store) => Promise<unknown>,
  prepare = (store: Store): Promise<unknown> => insert(store, 1),
): Promise<StoreError> {
  const { store, place } = await openTestStore(engine, schema)
  await prepare(store)
  const lost = lose(store)
  const [loss, ...others] = await Promise.allSettled([lost, insert(store, 2), insert(store, 3)])
  assert.equal(loss.status, 'rejected')
  for (const end of others) assert.ok(end.status === 'rejected' && isFailed(end.reason), 'its neighbours are refused')
  await assert.rejects(insert(store, 4), isFailed)
  await store.close()
  const again = await createStore(place.options)
  assert.deepEqual(
    (await again.reader.all<{ id: number }>`SELECT id FROM thing`).map(({ id }) => id),
    [1],
  )
  await insert(again, 2)
  await again.close()
  place.remove()
  return loss.reason
}

for (const engine of ['sqlite', 'node:sqlite'] as const) {
  test(`a full disk fails the store on ${engine}`, async () => {
    const error = await checkLoss(
      engine,
      (store) => insert(store, 9, 'x'.repeat(1_000_000)),
      async (store) => {
        await insert(store, 1)
        await store.transact((tx) => tx.returning`PRAGMA max_page_count = 60`)
      },
    )
    assert.match(error.message, /full/)
  })
}

test('a writer thread that ends fails the store with a sentence', async () => {
  const error = await checkLoss('sqlite', (store) =>
    store.transact((tx) => {
      // More rows than the thread's heap may hold.
      tx.returning`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000)
        SELECT hex(zeroblob(1000)) AS text FROM n`
    }),
  )
  assert.match(error.message, /writer thread of the store ended: .*memory/i)
})

test('a lost connection fails the store on postgres', async () => {
  await checkLoss('postgres', (store) => store.transact((tx) => tx.run`SELECT pg_terminate_backend(pg_backend_pid())`))
})

after(endTestStores)
