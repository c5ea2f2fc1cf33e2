/** Interned names on every engine. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { describeOnEngines } from '../../tests/kit/engines.ts'
import { openTestStore, type TestStore } from '../../tests/kit/store.ts'
import { createNames, StoreError } from './index.ts'

describeOnEngines('names', (engine) => {
  let opened: TestStore
  beforeEach(async () => {
    opened = await openTestStore(engine)
  })
  afterEach(() => opened.close())

  test('gives one number to each text, also when many ask at once', async () => {
    const names = createNames(opened.store)
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        names.intern([`@u${index % 7}:x`, `@v${index % 5}:x`, `@u${index % 7}:x`]),
      ),
    )
    for (const [index, answer] of answers.entries()) {
      assert.deepEqual(answer, answers[index % 35])
      assert.equal(answer[0], answer[2])
    }
    assert.equal(new Set(answers.flat()).size, 12)
    await opened.store.transact(() => {}) // after the names
    const rows = await opened.store.reader.all<{ nid: number; text: string }>`SELECT nid, text FROM name`
    assert.equal(rows.length, 12)
    for (const { nid, text } of rows) assert.equal(names.peek(text), nid)
  })

  test('stores a name before what its user submits next', async () => {
    const names = createNames(opened.store)
    const [nid] = await names.intern(['!room:x'])
    const seen = await opened.store.transact((tx) => tx.returning`SELECT text FROM name WHERE nid = ${nid!}`)
    assert.deepEqual(
      seen.rows.map((row) => ({ ...row })),
      [{ text: '!room:x' }],
    )
  })

  test('finds only what was stored, and the text of each number', async () => {
    const names = createNames(opened.store)
    const [a, b] = await names.intern(['a', 'nul \u0000'])
    assert.deepEqual(await names.find(['nul \u0000', 'never', 'a']), [b, undefined, a])
    assert.deepEqual(await names.texts([b!, a!, b!]), ['nul \u0000', 'a', 'nul \u0000'])
    assert.deepEqual(await names.texts([]), [])
    await assert.rejects(names.texts([a!, 999]), (error) => error instanceof StoreError && error.kind === 'corrupt')
    assert.equal(names.peekText(999), undefined)
  })

  test('goes on counting after a restart, and needs no more memory than it may have', async () => {
    const texts = Array.from({ length: 400 }, (_, index) => `@user${index}:example.org`)
    const first = await createNames(opened.store, 10_000).intern(texts)
    await opened.store.transact(() => {})
    const names = createNames(opened.store, 10_000)
    const more = await names.intern(['new', ...texts])
    assert.equal(more[0], Math.max(...first) + 1)
    assert.deepEqual(more.slice(1), first)
    assert.deepEqual(await names.texts(first), texts)
    assert.equal(texts.filter((text) => names.peek(text) !== undefined).length < 40, true)
  })
})
