/** Reads on threads of their own, which start when they are first needed and end when they are not. */

import type { Worker } from 'node:worker_threads'
import { startWorker } from '../base/index.ts'
import { sqliteValueOf } from './dialect.ts'
import { storeLimits } from './limits.ts'
import type { SqliteDriverName } from './sqlite-connection.ts'
import type { ReaderStart, ReadReply, ReadRequest } from './sqlite-reader.ts'
import type { Statement, Statements } from './statement.ts'
import { type Reader, type Row, type SqlParameter, StoreError } from './store.ts'

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

/** Reads whose statements run on up to two threads. */
export class SqliteLongReader implements Reader {
  readonly #start: ReaderStart
  readonly #statements: Statements
  readonly #threads = new Set<Thread>()
  /** The ends of threads that were told to close and still live. */
  readonly #ended = new Set<Promise<void>>()
  #isClosed = false

  constructor(path: string, driver: SqliteDriverName, statements: Statements) {
    this.#start = { path, driver, cacheKib: storeLimits.longReaderCacheKib }
    this.#statements = statements
  }

  all<R>(text: TemplateStringsArray, ...values: SqlParameter[]): Promise<R[]> {
    return this.#ask(this.#statements.of(text, values), values) as Promise<R[]>
  }

  async first<R>(text: TemplateStringsArray, ...values: SqlParameter[]): Promise<R | undefined> {
    return (await this.#ask(this.#statements.of(text, values), values))[0] as R | undefined
  }

  /**
   * Answers what was asked and ends the threads. They are never terminated from outside: one that is just loading its
   * driver, or is inside it, would take the whole process with it.
   */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#ended, ...[...this.#threads].map((thread) => this.#end(thread))])
  }

  #end(thread: Thread): Promise<void> {
    this.#threads.delete(thread)
    clearTimeout(thread.idleTimer)
    const ended = new Promise<void>((resolve) => {
      thread.worker.once('exit', () => resolve())
    })
    this.#ended.add(ended)
    void ended.then(() => this.#ended.delete(ended))
    thread.worker.ref()
    thread.worker.postMessage('close')
    return ended
  }

  #ask(statement: Statement, values: readonly SqlParameter[]): Promise<Row[]> {
    if (this.#isClosed) return Promise.reject(new StoreError('closed', 'The store is closed.'))
    const thread = this.#pickThread()
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

  #pickThread(): Thread {
    let best: Thread | undefined
    for (const thread of this.#threads) {
      if (best === undefined || thread.waiting.length < best.waiting.length) best = thread
    }
    if (best === undefined) return this.#startThread()
    const isEnough = best.waiting.length === 0 || this.#threads.size >= storeLimits.longReadersMax
    return isEnough ? best : this.#startThread()
  }

  #startThread(): Thread {
    const worker = startWorker(import.meta.url, 'sqlite-reader', {
      workerData: this.#start,
      resourceLimits: { maxYoungGenerationSizeMb: 8, maxOldGenerationSizeMb: 512 },
    })
    const thread: Thread = { worker, waiting: [], known: new Set(), idleTimer: undefined }
    this.#threads.add(thread)
    worker.on('message', (reply: ReadReply) => {
      const asked = thread.waiting.shift()
      if (thread.waiting.length === 0) this.#rest(thread)
      if ('error' in reply) asked?.reject(new StoreError(...reply.error))
      else asked?.resolve(rowsOf(reply))
    })
    const onEnd = (reason: unknown): void => this.#forget(thread, reason)
    worker.on('error', onEnd)
    worker.on('exit', onEnd)
    return thread
  }

  /** An idle thread keeps no process alive, and ends after a while. */
  #rest(thread: Thread): void {
    thread.worker.unref()
    thread.idleTimer = setTimeout(() => void this.#end(thread), storeLimits.longReaderIdleMs).unref()
  }

  #forget(thread: Thread, reason: unknown): void {
    this.#threads.delete(thread)
    clearTimeout(thread.idleTimer)
    for (const { reject } of thread.waiting.splice(0)) {
      reject(new StoreError('failed', `A reader thread of the store ended: ${reason}`))
    }
  }
}
