/**
 * Group commit: transactions wait while the writer is busy and then go over together, in the order of the calls.
 * The engines differ only in how they commit one group.
 */

import type { Logger } from '../base/index.ts'
import { storeLimits } from './limits.ts'
import type { Statements } from './statement.ts'
import { type Row, StoreError, type Writer } from './store.ts'
import { createTransaction, type Transaction } from './transaction.ts'

/** The fate of a group; by index in the group. Whoever is not among the errors is committed. */
export type GroupOutcome = {
  readonly errors: ReadonlyMap<number, StoreError>
  /** The rows of each returning step of these transactions. */
  readonly returned: ReadonlyMap<number, readonly (readonly Row[])[]>
}

/** Commits a group; rejects when its fate is unknown or the engine is lost, which marks the store as failed. */
export type CommitGroup = (group: readonly Transaction[]) => Promise<GroupOutcome>

type Submission = {
  readonly transaction: Transaction
  readonly resolve: () => void
  readonly reject: (error: StoreError) => void
}

function takeGroup(waiting: Submission[]): Submission[] {
  let bytes = 0
  let count = 0
  for (const { transaction } of waiting) {
    bytes += transaction.bytes
    if (count > 0 && (bytes > storeLimits.groupBytesMax || count >= storeLimits.groupTransactionsMax)) break
    count++
  }
  return waiting.splice(0, count)
}

function runTasks(tasks: readonly (() => void)[], logger: Logger | undefined): void {
  for (const task of tasks) {
    try {
      task()
    } catch (error) {
      logger?.error({ error }, 'a task after a transaction threw')
    }
  }
}

/** The queue in front of an engine's writer. */
export class GroupCommit {
  readonly #statements: Statements
  readonly #commit: CommitGroup
  readonly #logger: Logger | undefined
  #waiting: Submission[] = []
  #isBusy = false
  #isScheduled = false
  #isClosing = false
  #failure: StoreError | undefined
  #onDrained: (() => void) | undefined

  constructor(statements: Statements, commit: CommitGroup, logger?: Logger) {
    this.#statements = statements
    this.#commit = commit
    this.#logger = logger
  }

  get failure(): StoreError | undefined {
    return this.#failure
  }

  /** As `Store.transact`. */
  transact<T>(build: (tx: Writer) => T): Promise<T> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    const transaction = createTransaction(this.#statements)
    let answer: T
    try {
      answer = build(transaction.writer)
    } catch (error) {
      runTasks(transaction.undoneTasks, this.#logger)
      return Promise.reject(error)
    }
    return new Promise<T>((resolve, reject) => {
      this.#waiting.push({ transaction, resolve: () => resolve(answer), reject })
      if (this.#isBusy || this.#isScheduled) return
      this.#isScheduled = true
      setImmediate(() => this.#pump()) // so that requests read in one turn of the event loop share one commit
    })
  }

  /** Refuses new transactions; resolves when those submitted before have ended. */
  drain(): Promise<void> {
    this.#isClosing = true
    const isEmpty = this.#waiting.length === 0 || this.#failure !== undefined
    if (!this.#isBusy && isEmpty) return Promise.resolve()
    return new Promise((resolve) => {
      this.#onDrained = resolve
    })
  }

  /** Rejects all that wait and all that comes. */
  fail(error: StoreError): void {
    this.#failure ??= error
    const lost = this.#waiting
    this.#waiting = []
    for (const submission of lost) this.#undo(submission, this.#failure)
    if (!this.#isBusy) this.#onDrained?.()
  }

  #refusal(): StoreError | undefined {
    if (this.#failure !== undefined) return this.#failure
    if (this.#isClosing) return new StoreError('closed', 'The store is closed.')
    if (this.#waiting.length < storeLimits.waitingMax) return undefined
    return new StoreError('busy', 'Too many transactions wait for the store.')
  }

  #pump(): void {
    this.#isScheduled = false
    if (this.#isBusy || this.#failure !== undefined) return
    if (this.#waiting.length === 0) {
      this.#onDrained?.()
      return
    }
    const group = takeGroup(this.#waiting)
    this.#isBusy = true
    this.#commit(group.map(({ transaction }) => transaction)).then(
      (outcome) => {
        this.#isBusy = false
        this.#pump() // the writer goes on while this thread tells the outcome
        this.#settle(group, outcome)
      },
      (error: unknown) => {
        this.#isBusy = false
        const reason = error instanceof StoreError ? error : new StoreError('failed', String(error))
        for (const submission of group) this.#undo(submission, reason)
        this.fail(reason)
      },
    )
  }

  #undo({ transaction, reject }: Submission, error: StoreError): void {
    runTasks(transaction.undoneTasks, this.#logger)
    reject(error)
  }

  #settle(group: readonly Submission[], outcome: GroupOutcome): void {
    for (const [index, submission] of group.entries()) {
      const error = outcome.errors.size === 0 ? undefined : outcome.errors.get(index)
      if (error !== undefined) {
        this.#undo(submission, error)
        continue
      }
      const { slots, committedTasks } = submission.transaction
      if (slots.length > 0) {
        const rows = outcome.returned.get(index)
        for (const [slot, target] of slots.entries()) target.rows = rows?.[slot] ?? []
      }
      runTasks(committedTasks, this.#logger)
      submission.resolve()
    }
  }
}
