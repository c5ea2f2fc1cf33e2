/** The journal on every engine: order, gaps, followers that resume. */

import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { describeOnEngines } from '../../tests/kit/engines.ts'
import { openTestStore, type TestStore } from '../../tests/kit/store.ts'
import type { Clock } from '../base/index.ts'
import { createJournal, type EmbeddedJournal, type JournalRecord } from './index.ts'
import { journalLimits } from './limits.ts'

const entry = (user: number) => ({ kind: 'profile', user }) as const
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function waitUntil(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 5_000
  while (!isSo()) {
    assert.ok(performance.now() < end, 'waited too long')
    await sleep(2)
  }
}

/** A clock that stands until it is turned. */
function createTurnedClock(): Clock & { turn(ms: number): void } {
  let now = 1_000_000
  const tasks = new Set<{ at: number; task: () => void }>()
  return {
    nowMs: () => now,
    schedule(delayMs, task) {
      const planned = { at: now + delayMs, task }
      tasks.add(planned)
      return () => tasks.delete(planned)
    },
    turn(ms) {
      now += ms
      for (const planned of [...tasks].filter(({ at }) => at <= now)) {
        tasks.delete(planned)
        planned.task()
      }
    },
  }
}

describeOnEngines('the journal', (engine) => {
  let opened: TestStore
  let journal: EmbeddedJournal
  const append = (user: number): Promise<number> => opened.store.transact((tx) => journal.append(tx, entry(user)))

  beforeEach(async () => {
    opened = await openTestStore(engine)
    journal = await createJournal(opened.store)
  })
  afterEach(async () => {
    await journal.stop()
    await opened.close()
  })

  test('counts from one, tells watchers in order before the transaction answers, and gaps stall nothing', async () => {
    const told: JournalRecord[] = []
    const stop = journal.watch((records) => {
      told.push(...records)
      assert.equal(journal.committed() >= records.at(-1)!.position, true)
    })
    const ends = await Promise.allSettled(
      [1, 2, 3, 4, 5].map(async (user) => {
        if (user === 4) return journal.announce({ kind: 'typing', room: 4 })
        const position = await opened.store.transact((tx) => {
          const taken = journal.append(tx, entry(user))
          if (user === 2) tx.require`DELETE FROM journal WHERE position = ${-1}`
          if (user === 3) throw new Error('built wrongly')
          return taken
        })
        assert.equal(told.at(-1)!.position >= position, true)
        return position
      }),
    )
    assert.deepEqual(
      ends.map((end) => (end.status === 'fulfilled' ? end.value : end.status)),
      [1, 'rejected', 'rejected', 4, 5],
    )
    assert.deepEqual(
      told.map(({ position }) => position),
      [1, 4, 5],
    )
    assert.equal(journal.committed(), 5)
    stop()
    await append(6)
    assert.equal(told.length, 3)
    assert.equal(journal.committed(), 6)
  })

  test('tells an announcement alone soon, and it is in no table', async () => {
    const told: number[] = []
    journal.watch((records) => told.push(...records.map(({ position }) => position)))
    const position = journal.announce({ kind: 'typing', room: 1 })
    assert.deepEqual(told, [], 'the caller can note the position first')
    await Promise.resolve()
    assert.deepEqual(told, [position])
    assert.equal(journal.committed(), position)
    assert.deepEqual(await opened.store.reader.all`SELECT position FROM journal`, [])
  })

  test('never gives a position twice, also after a restart without an end', async () => {
    await append(1)
    const last = journal.announce({ kind: 'typing', room: 1 })
    const next = await createJournal(opened.store)
    assert.ok(next.committed() >= last)
    assert.ok(next.announce({ kind: 'typing', room: 1 }) > last)
  })

  test('a follower gets all stored records once and in order, and resumes where it was', async () => {
    const got: number[] = []
    const follow = (records: readonly JournalRecord[]): Promise<void> => {
      got.push(...records.map((record) => (record.entry as { user: number }).user))
      return sleep(1)
    }
    for (let user = 0; user < 700; user++) append(user)
    journal.follow('test', follow)
    await journal.start()
    await Promise.all(Array.from({ length: 300 }, (_, index) => append(700 + index)))
    journal.announce({ kind: 'typing', room: 1 })
    await waitUntil(() => got.length >= 1000)
    await journal.stop()
    assert.deepEqual(
      got,
      Array.from({ length: 1000 }, (_, index) => index),
    )
    await append(1000) // while nobody follows
    journal = await createJournal(opened.store)
    journal.follow('test', follow)
    await journal.start()
    await append(1001)
    await waitUntil(() => got.length >= 1002)
    await sleep(10)
    assert.deepEqual(got.slice(1000), [1000, 1001])
  })

  test('a follower slower than its queue goes back to the table and loses nothing', async () => {
    const got: number[] = []
    let release = (): void => {}
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    journal.follow('slow', async (records) => {
      got.push(...records.map(({ position }) => position))
      await held
    })
    await journal.start()
    const count = journalLimits.followerQueueMax + 2_000
    await Promise.all(Array.from({ length: count }, (_, user) => append(user)))
    release()
    await waitUntil(() => got.length >= count)
    await append(0)
    await waitUntil(() => got.length > count)
    assert.deepEqual(
      got,
      Array.from({ length: count + 1 }, (_, index) => index + 1),
    )
  })

  test('a follower that fails stops alone and is told as failed; its records come again', async () => {
    const got: number[] = []
    journal.follow('good', async (records) => void got.push(...records.map(({ position }) => position)))
    journal.follow('bad', () => Promise.reject(new Error('cannot')))
    await journal.start()
    await append(1)
    await append(2)
    await waitUntil(() => got.length === 2)
    assert.deepEqual(journal.failedFollowers(), ['bad'])
    await journal.stop()
    const again: number[] = []
    journal = await createJournal(opened.store)
    journal.follow('good', async (records) => void got.push(...records.map(({ position }) => position)))
    journal.follow('bad', async (records) => void again.push(...records.map(({ position }) => position)))
    await journal.start()
    await waitUntil(() => again.length === 2)
    assert.deepEqual(again, [1, 2])
    assert.deepEqual(got, [1, 2])
  })

  test('saves cursors within a second, and forgets what all have handled after an hour', async () => {
    const clock = createTurnedClock()
    journal = await createJournal(opened.store, { clock })
    let got = 0
    journal.follow('test', async (records) => {
      got += records.length
    })
    await journal.start()
    const first = await append(1)
    await waitUntil(() => got === 1)
    await sleep(1)
    clock.turn(1_000)
    const cursor = async (): Promise<unknown> =>
      (await opened.store.reader.first<{ position: number }>`SELECT position FROM journal_cursor`)?.position
    for (let wait = 0; wait < 200 && (await cursor()) !== first; wait++) await sleep(5)
    assert.equal(await cursor(), first)
    const kept = async (): Promise<number[]> =>
      (await opened.store.reader.all<{ position: number }>`SELECT position FROM journal`).map(
        ({ position }) => position,
      )
    clock.turn(journalLimits.markEveryMs)
    await sleep(30)
    const second = await append(2)
    assert.deepEqual(await kept(), [first, second])
    clock.turn(journalLimits.keepMs)
    for (let wait = 0; wait < 200 && (await kept()).length !== 1; wait++) await sleep(5)
    assert.deepEqual(await kept(), [second])
  })
})
