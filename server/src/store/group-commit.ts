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

export type GroupCommit = {
  transact<T>(build: (tx: Writer) => T): Promise<T>
  /** Refuses new transactions; resolves when those submitted before have ended. */
  drain(): Promise<void>
  /** Rejects all that wait and all that comes. */
  fail(error: StoreError): void
  readonly failure: StoreError | undefined
}

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

/** The queue in front of an engine's writer. */
export function createGroupCommit(statements: Statements, commit: CommitGroup, logger?: Logger): GroupCommit {
  let waiting: Submission[] = []
  let isBusy = false
  let isScheduled = false
  let isClosing = false
  let failure: StoreError | undefined
  let onDrained: (() => void) | undefined

  function runTasks(tasks: readonly (() => void)[]): void {
    for (const task of tasks) {
      try {
        task()
      } catch (error) {
        logger?.error({ error }, 'a task after a transaction threw')
      }
    }
  }

  function undo({ transaction, reject }: Submission, error: StoreError): void {
    runTasks(transaction.undoneTasks)
    reject(error)
  }

  function settle(group: readonly Submission[], outcome: GroupOutcome): void {
    for (const [index, submission] of group.entries()) {
      const error = outcome.errors.size === 0 ? undefined : outcome.errors.get(index)
      if (error !== undefined) {
        undo(submission, error)
        continue
      }
      const { slots, committedTasks } = submission.transaction
      if (slots.length > 0) {
        const rows = outcome.returned.get(index)
        for (const [slot, target] of slots.entries()) target.rows = rows?.[slot] ?? []
      }
      runTasks(committedTasks)
      submission.resolve()
    }
  }

  function fail(error: StoreError): void {
    failure ??= error
    const lost = waiting
    waiting = []
    for (const submission of lost) undo(submission, failure)
    if (!isBusy) onDrained?.()
  }

  function pump(): void {
    isScheduled = false
    if (isBusy || failure !== undefined) return
    if (waiting.length === 0) {
      onDrained?.()
      return
    }
    const group = takeGroup(waiting)
    isBusy = true
    commit(group.map(({ transaction }) => transaction)).then(
      (outcome) => {
        isBusy = false
        pump() // the writer goes on while this thread tells the outcome
        settle(group, outcome)
      },
      (error: unknown) => {
        isBusy = false
        const reason = error instanceof StoreError ? error : new StoreError('failed', String(error))
        for (const submission of group) undo(submission, reason)
        fail(reason)
      },
    )
  }

  return {
    get failure() {
      return failure
    },
    transact<T>(build: (tx: Writer) => T): Promise<T> {
      if (failure !== undefined) return Promise.reject(failure)
      if (isClosing) return Promise.reject(new StoreError('closed', 'The store is closed.'))
      if (waiting.length >= storeLimits.waitingMax) {
        return Promise.reject(new StoreError('busy', 'Too many transactions wait for the store.'))
      }
      const transaction = createTransaction(statements)
      let answer: T
      try {
        answer = build(transaction.writer)
      } catch (error) {
        runTasks(transaction.undoneTasks)
        return Promise.reject(error)
      }
      return new Promise<T>((resolve, reject) => {
        waiting.push({ transaction, resolve: () => resolve(answer), reject })
        if (isBusy || isScheduled) return
        isScheduled = true
        setImmediate(pump) // so that requests read in one turn of the event loop share one commit
      })
    },
    drain() {
      isClosing = true
      if (!isBusy && (waiting.length === 0 || failure !== undefined)) return Promise.resolve()
      return new Promise((resolve) => {
        onDrained = resolve
      })
    },
    fail,
  }
}
