/** The store and the journal as a victim: what must hold after every kill. */

import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createStore, type Store } from '../../src/store/index.ts'
import { createTestPlace, type TestEngine, type TestPlace } from '../kit/store.ts'
import type { Victim } from './kill-loop.ts'

const schema = `
CREATE TABLE crash_row (
  id INTEGER NOT NULL,
  part INTEGER NOT NULL,
  parts INTEGER NOT NULL,
  position INTEGER NOT NULL,
  name INTEGER NOT NULL,
  text TEXT NOT NULL,
  PRIMARY KEY (id, part)
);
CREATE TABLE crash_followed (position INTEGER PRIMARY KEY);
`
const program = fileURLToPath(new URL('./store-load.ts', import.meta.url))

type Seen = { readonly done: Map<number, number>; readonly refused: Set<number>; positionMax: number }

export interface StoreVictim extends Victim {
  /** Lets the follower catch up, checks that it lost nothing, and removes everything. */
  finish(): Promise<void>
}

/** Notes what the program says; `onReady` is called when its load runs. */
function listen(child: ChildProcess, seen: Seen, onReady: () => void): void {
  const before = seen.positionMax
  createInterface({ input: child.stdout! }).on('line', (line) => {
    const [word, first, second] = line.split(' ')
    if (word === 'ready') return onReady()
    const position = word === 'done' ? Number(second) : word === 'announced' ? Number(first) : undefined
    if (word === 'done') seen.done.set(Number(first), position!)
    if (word === 'refused') seen.refused.add(Number(first))
    if (position === undefined) return
    assert.ok(position > before, `position ${position} was given again: ${before} was given before the kill`)
    seen.positionMax = Math.max(seen.positionMax, position)
  })
}

type Group = { id: number; parts: number; found: number; position: number; positions: number }

/** Acknowledged writes are there once and whole; nothing else is half there. */
async function checkRows(store: Store, seen: Seen): Promise<void> {
  const groups = await store.reader.all<Group>`
    SELECT id, MAX(parts) AS parts, COUNT(*) AS found, MAX(position) AS position,
      COUNT(DISTINCT position) AS positions FROM crash_row GROUP BY id`
  const byId = new Map(groups.map((group) => [group.id, group]))
  for (const [id, position] of seen.done) assert.equal(byId.get(id)?.position, position, `${id} was acknowledged`)
  for (const { id, parts, found, positions } of groups) {
    assert.ok(!seen.refused.has(id), `${id} was refused and is there`)
    assert.deepEqual([found, positions], [parts, 1], `${id} is half there`)
  }
}

async function checkJournal(store: Store): Promise<void> {
  const rowsWithoutEntry = await store.reader.all`
    SELECT id FROM crash_row WHERE position NOT IN (SELECT position FROM journal) LIMIT 1`
  assert.deepEqual(rowsWithoutEntry, [])
  const entriesWithoutRow = await store.reader.all`
    SELECT position FROM journal WHERE position NOT IN (SELECT position FROM crash_row) LIMIT 1`
  assert.deepEqual(entriesWithoutRow, [])
  const unnamed = await store.reader.all`
    SELECT id FROM crash_row WHERE name NOT IN (SELECT nid FROM name) LIMIT 1`
  assert.deepEqual(unnamed, [])
  const cursor = await store.reader.first<{ position: number }>`SELECT position FROM journal_cursor`
  const skipped = await store.reader.all`
    SELECT position FROM journal WHERE position <= ${cursor?.position ?? 0}
      AND position NOT IN (SELECT position FROM crash_followed) LIMIT 1`
  assert.deepEqual(skipped, [], 'the cursor is ahead of what was followed')
}

async function checkFile(store: Store): Promise<void> {
  if (store.engine !== 'sqlite') return
  const rows = await store.reader.all<{ integrity_check: string }>`PRAGMA integrity_check`
  assert.deepEqual(
    rows.map((row) => row.integrity_check),
    ['ok'],
  )
}

async function checkAll(place: TestPlace, seen: Seen): Promise<void> {
  const store = await createStore(place.options)
  try {
    await checkFile(store)
    await checkRows(store, seen)
    await checkJournal(store)
  } finally {
    await store.close()
  }
}

function startProgram(place: TestPlace, run: number, mode: string): ChildProcess {
  const argv = [program, JSON.stringify(place.options), String(run), mode]
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** A victim on an empty database of this engine. */
export async function createStoreVictim(engine: TestEngine): Promise<StoreVictim> {
  const place = await createTestPlace(engine, schema)
  const seen: Seen = { done: new Map(), refused: new Set(), positionMax: 0 }
  let child: ChildProcess | undefined
  let closed: Promise<unknown> = Promise.resolve()
  let run = 0
  return {
    acknowledged: () => seen.done.size,
    start() {
      const started = startProgram(place, ++run, 'load')
      child = started
      closed = once(started, 'close')
      return new Promise((resolve) => {
        listen(started, seen, resolve)
        started.once('close', () => resolve())
      })
    },
    async kill() {
      assert.equal(child?.exitCode, null, 'the program ended by itself')
      child?.kill('SIGKILL')
      await closed
    },
    check: () => checkAll(place, seen),
    async finish() {
      const [code] = await once(startProgram(place, ++run, 'settle'), 'close')
      assert.equal(code, 0, 'the follower catches up')
      await checkAll(place, seen)
      place.remove()
    },
  }
}
