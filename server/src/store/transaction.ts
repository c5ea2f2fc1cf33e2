/** One transaction as it is collected by its builder: the statements, and what to do when its fate is known. */

import type { Statements } from './statement.ts'
import type { SqlParameter, Writer } from './store.ts'

/** What is expected of a step: nothing, that it changes a row, or its rows. */
export const stepMode = { run: 0, require: 1, returning: 2 } as const
export type StepMode = (typeof stepMode)[keyof typeof stepMode]

export type Step = {
  readonly statement: number
  readonly mode: StepMode
  readonly parameters: readonly SqlParameter[]
}

type Slot = { rows: readonly unknown[] }

export type Transaction = {
  readonly writer: Writer
  readonly steps: Step[]
  /** Filled after the commit, in the order of the steps that return rows. */
  readonly slots: Slot[]
  readonly committedTasks: (() => void)[]
  readonly undoneTasks: (() => void)[]
  /** About how much memory the parameters take. */
  bytes: number
}

function bytesOf(parameters: readonly SqlParameter[]): number {
  let bytes = 0
  for (const value of parameters) {
    if (typeof value === 'string') bytes += value.length
    else if (typeof value === 'object' && value !== null) {
      bytes += 'list' in value ? value.list.length * 16 : value.byteLength
    }
  }
  return bytes
}

/** An empty transaction, and the writer that fills it. */
export function createTransaction(statements: Statements): Transaction {
  function add(mode: StepMode, text: TemplateStringsArray, parameters: readonly SqlParameter[]): void {
    transaction.steps.push({ statement: statements.of(text, parameters).id, mode, parameters })
    transaction.bytes += bytesOf(parameters) + 64
  }
  const writer: Writer = {
    run: (text, ...values) => add(stepMode.run, text, values),
    require: (text, ...values) => add(stepMode.require, text, values),
    returning<R>(text: TemplateStringsArray, ...values: SqlParameter[]) {
      add(stepMode.returning, text, values)
      const slot: { rows: readonly R[] } = { rows: [] }
      transaction.slots.push(slot)
      return slot
    },
    onCommitted(task) {
      transaction.committedTasks.push(task)
    },
    onUndone(task) {
      transaction.undoneTasks.push(task)
    },
  }
  const transaction: Transaction = { writer, steps: [], slots: [], committedTasks: [], undoneTasks: [], bytes: 0 }
  return transaction
}
