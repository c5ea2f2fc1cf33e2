/** A group of transactions as one flat array, which is the cheapest thing to send to a thread. */

import { sqliteValueOf } from './dialect.ts'
import type { SqlValue } from './store.ts'
import type { Transaction } from './transaction.ts'

/**
 * For each transaction: the number of its steps, the length of its code with these two numbers, then for each step
 * `statement * 4 + mode` and the parameters.
 */
export function encodeGroup(group: readonly Transaction[]): SqlValue[] {
  const code: SqlValue[] = []
  for (const { steps } of group) {
    const start = code.length
    code.push(steps.length, 0)
    for (const { statement, mode, parameters } of steps) {
      code.push(statement * 4 + mode)
      for (const value of parameters) code.push(sqliteValueOf(value))
    }
    code[start + 1] = code.length - start
  }
  return code
}
