/** Reads on threads of their own, which start when they are first needed and end when they are not. */

import { Worker } from 'node:worker_threads'
import { sqliteValueOf } from './dialect.ts'
import { storeLimits } from './limits.ts'
import type { SqliteDriverName } from './sqlite-driver.ts'
import type { ReaderStart, ReadReply, ReadRequest } from './sqlite-reader.ts'
import type { Statement, Statements } from './statement.ts'
import { type Reader, type Row, type SqlParameter, StoreError } from './store.ts'
import { workerUrl } from './worker-url.ts'

type Waiting = { readonly resolve: (rows: Row[]) => void; readonly reject: (error: StoreError) => void }

type Thread = {
  readonly worker: Worker
  readonly waiting: Waiting[]
  readonly known: Set<number>
  idleTimer: NodeJS.Timeout | undefined
}

function rowsOf({ columns, values }: Extract<ReadReply, { columns: unknown }>): Row[] {
  const rows: Row[] = []
  const width = columns.length
  for (let at = 0; at < values.length; at += width) {
    const row: Row = {}
    for (let column = 0; column < width; column++) row[columns[column]!] = values[at + column]!
    rows.push(row)
  }
  return rows
}

/** A reader whose statements run on up to two threads. */
export function createSqliteLongReader(
  path: string,
  driver: SqliteDriverName,
  statements: Statements,
): { reader: Reader; close(): Promise<void> } {
  const threads = new Set<Thread>()
  let isClosed = false

  function startThread(): Thread {
    const workerData: ReaderStart = { path, driver, cacheKib: storeLimits.longReaderCacheKib }
    const worker = new Worker(workerUrl('sqlite-reader'), {
      workerData,
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512 },
    })
    const thread: Thread = { worker, waiting: [], known: new Set(), idleTimer: undefined }
    threads.add(thread)
    worker.on('message', (reply: ReadReply) => {
      const asked = thread.waiting.shift()
      if (thread.waiting.length === 0) rest(thread)
      if ('error' in reply) asked?.reject(new StoreError(...reply.error))
      else asked?.resolve(rowsOf(reply))
    })
    const onEnd = (reason: unknown): void => {
      threads.delete(thread)
      clearTimeout(thread.idleTimer)
      for (const { reject } of thread.waiting.splice(0)) {
        reject(new StoreError('failed', `A reader thread of the store ended: ${reason}`))
      }
    }
    worker.on('error', onEnd)
    worker.on('exit', onEnd)
    return thread
  }

  /** An idle thread keeps no process alive, and ends after a while. */
  function rest(thread: Thread): void {
    thread.worker.unref()
    thread.idleTimer = setTimeout(() => {
      threads.delete(thread)
      thread.worker.postMessage('close')
    }, storeLimits.longReaderIdleMs).unref()
  }

  function pickThread(): Thread {
    let best: Thread | undefined
    for (const thread of threads) if (best === undefined || thread.waiting.length < best.waiting.length) best = thread
    const isEnough = best !== undefined && (best.waiting.length === 0 || threads.size >= storeLimits.longReadersMax)
    return isEnough ? best! : startThread()
  }

  function ask(statement: Statement, values: readonly SqlParameter[]): Promise<Row[]> {
    if (isClosed) return Promise.reject(new StoreError('closed', 'The store is closed.'))
    const thread = pickThread()
    clearTimeout(thread.idleTimer)
    thread.worker.ref()
    const text = thread.known.has(statement.id) ? undefined : statement.text
    thread.known.add(statement.id)
    const request: ReadRequest = { statement: statement.id, text, parameters: values.map(sqliteValueOf) }
    return new Promise((resolve, reject) => {
      thread.waiting.push({ resolve, reject })
      thread.worker.postMessage(request)
    })
  }

  return {
    reader: {
      all: <R>(text: TemplateStringsArray, ...values: SqlParameter[]) =>
        ask(statements.of(text, values), values) as Promise<R[]>,
      first: async <R>(text: TemplateStringsArray, ...values: SqlParameter[]) =>
        (await ask(statements.of(text, values), values))[0] as R | undefined,
    },
    async close() {
      isClosed = true
      await Promise.all([...threads].map(({ worker }) => worker.terminate()))
    },
  }
}
