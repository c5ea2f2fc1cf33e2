/** What every engine of the store must do alike. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import fc from 'fast-check'
import { describeOnEngines } from '../../tests/kit/engines.ts'
import { openTestStore, type TestStore } from '../../tests/kit/store.ts'
import { anyOf, createStore, type Store, StoreError } from './index.ts'

const schema = `
CREATE TABLE thing (id INTEGER PRIMARY KEY, owner INTEGER UNIQUE, text TEXT, bytes BLOB, ratio REAL);
CREATE TABLE pair (a TEXT NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE INDEX pair_b ON pair (b);
`

const kindIs = (kind: StoreError['kind']) => (error: unknown) => error instanceof StoreError && error.kind === kind

function insert(store: Store, id: number, owner = id): Promise<void> {
  return store.transact((tx) => tx.run`INSERT INTO thing (id, owner) VALUES (${id}, ${owner})`)
}

async function listIds(store: Store): Promise<number[]> {
  return (await store.reader.all<{ id: number }>`SELECT id FROM thing ORDER BY id`).map(({ id }) => id)
}

describeOnEngines('the store', (engine) => {
  let opened: TestStore
  let store: Store
  beforeEach(async () => {
    opened = await openTestStore(engine, schema)
    store = opened.store
  })
  afterEach(() => opened.close())

  test('keeps numbers, texts, bytes and null as they were given', async () => {
    const texts = ['', 'Ünïcode 🦋', 'nul \u0000 and \u0001 0', '\u0001\u00010\u0000', `'"$1 ?`]
    const pooled = Buffer.from('from the pool')
    for (const [id, text] of texts.entries()) {
      await store.transact((tx) => {
        tx.run`INSERT INTO thing (id, text, bytes, ratio, owner) VALUES (${id}, ${text}, ${pooled}, ${0.5}, ${null})`
      })
    }
    for (const reader of [store.reader, store.longReader]) {
      const rows = await reader.all<{ text: string; bytes: Uint8Array; ratio: number; owner: null }>`
        SELECT text, bytes, ratio, owner FROM thing ORDER BY id`
      assert.deepEqual(
        rows.map(({ text }) => text),
        texts,
      )
      assert.equal(Buffer.from(rows[0]!.bytes).toString(), 'from the pool')
      assert.equal(rows[0]!.ratio, 0.5)
      assert.equal(rows[0]!.owner, null)
    }
    const large = 2 ** 53 - 1
    await insert(store, large)
    assert.deepEqual((await listIds(store)).at(-1), large)
  })

  test('answers counts, sums and truth values as numbers', async () => {
    await Promise.all([insert(store, 1), insert(store, 2)])
    const row = await store.reader.first`
      SELECT COUNT(*) AS n, SUM(id) AS total, MAX(id) AS newest, MAX(${7}, MIN(${1}, ${2})) AS scalar,
        EXISTS (SELECT 1 FROM thing WHERE id = ${2}) AS found, COALESCE(${null}, ${5}) AS five FROM thing`
    assert.deepEqual({ ...row }, { n: 2, total: 3, newest: 2, scalar: 7, found: 1, five: 5 })
  })

  test('finds what is in a list, whatever its length', async () => {
    await Promise.all([1, 2, 3].map((id) => insert(store, id)))
    const find = async (list: number[]): Promise<number[]> =>
      (await store.reader.all<{ id: number }>`SELECT id FROM thing WHERE id IN ${anyOf(list)} ORDER BY id`).map(
        (row) => row.id,
      )
    assert.deepEqual(await find([3, 1, 9]), [1, 3])
    assert.deepEqual(await find([]), [])
    const many = Array.from({ length: 50_000 }, (_, index) => index)
    assert.deepEqual(await find(many), [1, 2, 3])
    assert.equal((await store.reader.all`SELECT id FROM thing WHERE id NOT IN ${anyOf([])}`).length, 3)
    assert.equal((await store.reader.all`SELECT id FROM thing WHERE id NOT IN ${anyOf([2])}`).length, 2)
    await store.transact((tx) => tx.run`INSERT INTO pair (a, b) VALUES (${'x"\u0000'}, ${1})`)
    assert.equal(
      (await store.reader.all`SELECT a FROM pair WHERE a IN ${anyOf(['y', 'x"\u0000'])} AND b = ${1}`).length,
      1,
    )
  })

  test('orders and compares texts by code point, and LIKE by case', async () => {
    await store.transact((tx) => {
      for (const a of ['b', 'B', 'a', 'é', '_', 'ba']) tx.run`INSERT INTO pair (a, b) VALUES (${a}, ${1})`
    })
    const rows = await store.reader.all<{ a: string }>`SELECT a FROM pair ORDER BY a`
    assert.deepEqual(
      rows.map(({ a }) => a),
      ['B', '_', 'a', 'b', 'ba', 'é'],
    )
    assert.equal((await store.reader.all`SELECT a FROM pair WHERE a > ${'B'} AND a <= ${'b'}`).length, 3)
    assert.equal((await store.reader.all`SELECT a FROM pair WHERE a LIKE ${'b%'}`).length, 2)
  })

  test('undoes a whole transaction, and only that one, when a condition fails', async () => {
    const undone: number[] = []
    const ends = await Promise.allSettled(
      [1, 2, 3, 4].map((id) =>
        store.transact((tx) => {
          tx.run`INSERT INTO thing (id, owner) VALUES (${id}, ${id})`
          if (id === 2) tx.require`UPDATE thing SET text = ${'x'} WHERE id = ${999}`
          if (id === 3) tx.run`INSERT INTO thing (id, owner) VALUES (${33}, ${1})`
          tx.onUndone(() => undone.push(id))
        }),
      ),
    )
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected', 'rejected', 'fulfilled'],
    )
    assert.ok(ends[1]!.status === 'rejected' && kindIs('conflict')(ends[1]!.reason))
    assert.ok(ends[2]!.status === 'rejected' && kindIs('unique')(ends[2]!.reason))
    assert.deepEqual(undone, [2, 3])
    assert.deepEqual(await listIds(store), [1, 4])
  })

  test('tells a wrong statement to its caller alone', async () => {
    const wrong = store.transact((tx) => tx.run`INSERT INTO nowhere (id) VALUES (${1})`)
    const right = insert(store, 1)
    await assert.rejects(wrong, kindIs('failed'))
    await right
    await assert.rejects(store.reader.all`SELECT nothing FROM nowhere`, kindIs('failed'))
    await assert.rejects(store.longReader.all`SELECT nothing FROM nowhere`, kindIs('failed'))
    await assert.rejects(insert(store, 1, 2), kindIs('unique'))
    await insert(store, 2)
    assert.deepEqual(await listIds(store), [1, 2])
  })

  test('undoes nothing in the store when a builder throws', async () => {
    let isUndone = false
    const thrown = store.transact((tx) => {
      tx.run`INSERT INTO thing (id) VALUES (${1})`
      tx.onUndone(() => {
        isUndone = true
      })
      throw new RangeError('no')
    })
    await assert.rejects(thrown, RangeError)
    assert.ok(isUndone)
    assert.deepEqual(await listIds(store), [])
  })

  test('fills returned rows, and answers what the builder answered', async () => {
    await Promise.all([insert(store, 1), insert(store, 2)])
    const removed = await store.transact((tx) => {
      const first = tx.returning<{ id: number }>`DELETE FROM thing WHERE id = ${1} RETURNING id`
      tx.run`UPDATE thing SET text = ${'kept'} WHERE id = ${2}`
      const none = tx.returning`DELETE FROM thing WHERE id = ${99} RETURNING id`
      return { first, none }
    })
    assert.deepEqual(
      removed.first.rows.map((row) => ({ ...row })),
      [{ id: 1 }],
    )
    assert.deepEqual(removed.none.rows, [])
  })

  test('commits in the order of the calls, and tells so in that order before it answers', async () => {
    const told: string[] = []
    const all = Array.from({ length: 300 }, async (_, id) => {
      await store
        .transact((tx) => {
          tx.run`INSERT INTO thing (id, owner) VALUES (${id}, ${id === 7 ? 6 : id})`
          tx.onCommitted(() => told.push(`committed ${id}`))
          tx.onUndone(() => told.push(`undone ${id}`))
        })
        .catch(() => {})
      told.push(`answered ${id}`)
    })
    await Promise.all(all)
    const outcomes = told.filter((line) => !line.startsWith('answered'))
    assert.deepEqual(
      outcomes,
      Array.from({ length: 300 }, (_, id) => `${id === 7 ? 'undone' : 'committed'} ${id}`),
    )
    for (const id of [0, 7, 299]) {
      assert.ok(told.indexOf(outcomes[id]!) < told.indexOf(`answered ${id}`))
    }
  })

  test('an empty transaction keeps its place', async () => {
    const told: number[] = []
    await Promise.all([
      store.transact((tx) => tx.onCommitted(() => told.push(1))),
      store.transact((tx) => {
        tx.run`INSERT INTO thing (id) VALUES (${1})`
        tx.onCommitted(() => told.push(2))
      }),
      store.transact((tx) => tx.onCommitted(() => told.push(3))),
    ])
    assert.deepEqual(told, [1, 2, 3])
  })

  test('keeps a model of any sequence of transactions', async () => {
    const step = fc.record({ id: fc.nat(8), owner: fc.nat(8), remove: fc.boolean() })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(step, { maxLength: 3 }), { maxLength: 12 }), async (transactions) => {
        await store.transact((tx) => tx.run`DELETE FROM thing`)
        let model = new Map<number, number>()
        const expected: boolean[] = []
        const ends = transactions.map((steps) => {
          const next = new Map(model)
          const isWhole = steps.every(({ id, owner, remove }) => {
            if (remove) return next.delete(id)
            if (next.has(id) || [...next.values()].includes(owner)) return false
            next.set(id, owner)
            return true
          })
          if (isWhole) model = next
          expected.push(isWhole)
          return store.transact((tx) => {
            for (const { id, owner, remove } of steps) {
              if (remove) tx.require`DELETE FROM thing WHERE id = ${id}`
              else tx.run`INSERT INTO thing (id, owner) VALUES (${id}, ${owner})`
            }
          })
        })
        const statuses = await Promise.allSettled(ends)
        assert.deepEqual(
          statuses.map(({ status }) => status === 'fulfilled'),
          expected,
        )
        const rows = await store.reader.all<{ id: number; owner: number }>`SELECT id, owner FROM thing`
        assert.deepEqual(new Map(rows.map(({ id, owner }) => [id, owner])), new Map([...model]))
      }),
      { numRuns: 40 },
    )
  })

  test('closes while its reader threads are starting: what they were asked is answered', async () => {
    const { place } = opened
    for (let startedMs = 0; startedMs < 100; startedMs += 20) {
      const asked = [1, 2, 3].map((n) => store.longReader.first<{ n: number }>`SELECT ${n} AS n`)
      await setTimeout(startedMs)
      await store.close()
      const answers = (await Promise.all(asked)).map((row) => Number(row?.n))
      assert.deepEqual(answers, [1, 2, 3])
      store = await createStore(place.options)
    }
    opened = { store, place, close: () => store.close().then(() => place.remove()) }
  })

  test('keeps everything over a restart, commits what waits when it closes, and refuses after that', async () => {
    const waiting = Array.from({ length: 50 }, (_, id) => insert(store, id))
    const closed = store.close()
    await assert.rejects(insert(store, 99), kindIs('closed'))
    await Promise.all([...waiting, closed])
    await assert.rejects(store.reader.all`SELECT 1`, kindIs('closed'))
    await assert.rejects(store.longReader.all`SELECT 1`, kindIs('closed'))
    store = await createStore(opened.place.options)
    const { place } = opened
    opened = {
      ...opened,
      async close() {
        await store.close()
        place.remove()
      },
    }
    assert.equal((await listIds(store)).length, 50)
  })

  test('refuses a database that another process has open, or that a newer version has used', async () => {
    await assert.rejects(createStore(opened.place.options), kindIs('busy'))
    await store.transact(
      (tx) => tx.run`INSERT INTO schema_version (id, name, applied_ms) VALUES (${999}, ${'x'}, ${0})`,
    )
    await store.close()
    await assert.rejects(createStore(opened.place.options), /newer version of Parallax/)
    opened = { ...opened, close: async () => opened.place.remove() }
  })
})
