/**
 * The program that is killed: the real store, names and journal under load. What it was told is done it writes to its
 * standard output: `done <id> <position>`, `refused <id>`, `announced <position>`. `argv`: the store's options as JSON,
 * the number of the run, and `settle` to let the follower catch up instead.
 */

import { type Clock, createSystemClock } from '../../src/base/index.ts'
import { createJournal, type Journal, type JournalRecord } from '../../src/journal/index.ts'
import { createNames, createStore, type Names, type Store, type StoreOptions } from '../../src/store/index.ts'

const loops = 24
const idsPerRun = 1_000_000

function tell(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Notes in a table of its own what it was handed; must be handed records in order. */
function createNotingFollower(store: Store): (records: readonly JournalRecord[]) => Promise<void> {
  let last = 0
  return async (records) => {
    // Slow at times: a cursor saved too early is then ahead of the table for a while.
    await new Promise((resolve) => setTimeout(resolve, last % 3 === 0 ? 60 : 1))
    await store.transact((tx) => {
      for (const { position } of records) {
        if (position <= last) throw new Error(`position ${position} came after ${last}`)
        last = position
        tx.run`INSERT INTO crash_followed (position) VALUES (${position}) ON CONFLICT (position) DO NOTHING`
      }
    })
  }
}

/** One transaction of several rows, with its journal entry; every seventh is made to fail at its end. */
async function writeOnce(store: Store, journal: Journal, names: Names, id: number): Promise<void> {
  const isRefused = id % 7 === 0
  const parts = 1 + (id % 5)
  const [name] = await names.intern([`name ${id % 1_000}`])
  try {
    const taken = await store.transact((tx) => {
      const position = journal.append(tx, { kind: 'event', room: name! })
      for (let part = 0; part < parts; part++) {
        tx.run`INSERT INTO crash_row (id, part, parts, position, name, text)
          VALUES (${id}, ${part}, ${parts}, ${position}, ${name!}, ${'x'.repeat(id % 3_000)})`
      }
      if (isRefused) tx.require`DELETE FROM crash_row WHERE id = ${-1}`
      return position
    })
    tell(`done ${id} ${taken}`)
  } catch (error) {
    if (!isRefused) throw error
    tell(`refused ${id}`)
  }
  if (id % 11 === 0) tell(`announced ${journal.announce({ kind: 'typing', room: name! })}`)
}

async function load(store: Store, journal: Journal, names: Names, run: number): Promise<void> {
  let next = run * idsPerRun
  const loop = async (): Promise<void> => {
    for (;;) await writeOnce(store, journal, names, ++next)
  }
  tell('ready')
  await Promise.all(Array.from({ length: loops }, loop))
}

async function settle(store: Store, journal: Journal): Promise<void> {
  for (;;) {
    const behind = await store.reader.first`
      SELECT 1 AS found FROM journal WHERE position NOT IN (SELECT position FROM crash_followed) LIMIT 1`
    if (behind === undefined) break
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await journal.stop()
  await store.close()
}

/** Cursors are saved forty times as often as usual, so that kills fall between saves. */
const hastyClock: Clock = {
  ...createSystemClock(),
  schedule: (delayMs, task) => createSystemClock().schedule(delayMs / 40, task),
}

const [options, run, mode] = process.argv.slice(2)
const store = await createStore(JSON.parse(options!) as StoreOptions)
const names = createNames(store)
const journal = await createJournal(store, { clock: hastyClock })
journal.follow('crash', createNotingFollower(store))
await journal.start()
if (mode === 'settle') await settle(store, journal)
else await load(store, journal, names, Number(run))
