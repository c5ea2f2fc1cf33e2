/**
 * Measures the store: small transactions per second and their latency. Prints one line of JSON.
 * `node server/tests/bench/store.ts [sqlite|node:sqlite|postgres]`
 */

import { closeSync, fdatasyncSync, openSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createJournal } from '../../src/journal/index.ts'
import { createNames, type Store } from '../../src/store/index.ts'
import { endTestStores, openTestStore, type TestEngine } from '../kit/store.ts'

const body = JSON.stringify({ type: 'm.room.message', content: { body: 'x'.repeat(300) } })

type Latency = { p50Ms: number; p99Ms: number; maxMs: number }

function latencyOf(samples: number[]): Latency {
  samples.sort((a, b) => a - b)
  const at = (share: number): number =>
    Number(samples[Math.min(samples.length - 1, (samples.length * share) | 0)]!.toFixed(3))
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) }
}

/** What the disk alone takes for one durable page. */
function measureDisk(): Latency {
  const file = join(tmpdir(), `parallax-sync-${process.pid}`)
  const descriptor = openSync(file, 'w')
  writeSync(descriptor, Buffer.alloc(4096 * 1000))
  fdatasyncSync(descriptor)
  const samples: number[] = []
  for (let page = 0; page < 500; page++) {
    const start = performance.now()
    writeSync(descriptor, Buffer.alloc(4096, page), 0, 4096, page * 4096)
    fdatasyncSync(descriptor)
    samples.push(performance.now() - start)
  }
  closeSync(descriptor)
  return latencyOf(samples)
}

/** `inFlight` loops that each wait for their transaction before the next, for about `ms`. */
async function load(
  inFlight: number,
  ms: number,
  once: (n: number) => Promise<unknown>,
): Promise<Latency & { perSecond: number }> {
  const samples: number[] = []
  let n = 0
  const start = performance.now()
  const end = start + ms
  const loop = async (): Promise<void> => {
    while (performance.now() < end) {
      const before = performance.now()
      await once(n++)
      samples.push(performance.now() - before)
    }
  }
  await Promise.all(Array.from({ length: inFlight }, loop))
  return { perSecond: Math.round((samples.length / (performance.now() - start)) * 1000), ...latencyOf(samples) }
}

async function measureWrites(store: Store): Promise<Record<string, unknown>> {
  await store.transact((tx) => {
    tx.run`CREATE TABLE bench (id INTEGER PRIMARY KEY, body TEXT NOT NULL)`
    tx.run`CREATE TABLE bench_index (a INTEGER NOT NULL, b INTEGER NOT NULL, PRIMARY KEY (a, b))`
  })
  let id = 0
  const insert = (): Promise<unknown> =>
    store.transact((tx) => tx.run`INSERT INTO bench (id, body) VALUES (${++id}, ${body})`)
  const journal = await createJournal(store)
  const names = createNames(store)
  // As a message is sent: the event, an index entry, the journal.
  const send = async (): Promise<unknown> => {
    const [room] = await names.intern([`!room${id % 50}:x`])
    return store.transact((tx) => {
      const position = journal.append(tx, { kind: 'event', room: room! })
      tx.run`INSERT INTO bench (id, body) VALUES (${++id}, ${body})`
      tx.run`INSERT INTO bench_index (a, b) VALUES (${room!}, ${position})`
    })
  }
  await load(10, 300, insert)
  const single = await load(1, 1500, insert)
  const ten = await load(10, 1500, insert)
  const hundred = await load(100, 1500, insert)
  const sends = {
    one: await load(1, 1500, send),
    ten: await load(10, 1500, send),
    hundred: await load(100, 1500, send),
  }
  return { single, ten, hundred, sends }
}

async function measureReads(store: Store): Promise<Record<string, unknown>> {
  const read = (n: number): Promise<unknown> => store.reader.first`SELECT body FROM bench WHERE id = ${(n % 1000) + 1}`
  const long = (n: number): Promise<unknown> =>
    store.longReader.all`SELECT body FROM bench WHERE id > ${n % 1000} LIMIT 100`
  return { reads: await load(1, 500, read), longReads: await load(4, 500, long) }
}

const engine = (process.argv[2] ?? 'sqlite') as TestEngine
const disk = measureDisk()
const started = performance.now()
const { store, place, close } = await openTestStore(engine)
const openMs = Math.round(performance.now() - started)
const writes = await measureWrites(store)
const reads = await measureReads(store)
const walMib = place.options.engine === 'sqlite' ? statSync(`${place.options.path}-wal`).size / 2 ** 20 : 0
const rssMib = Math.round(process.memoryUsage.rss() / 2 ** 20)
console.log(JSON.stringify({ bench: 'store', engine, openMs, disk, ...writes, ...reads, walMib, rssMib }))
await close()
await endTestStores()
