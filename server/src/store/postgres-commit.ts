/**
 * Commits groups of transactions on one Postgres connection, as sqlite-commit.ts does: first as a whole, with all
 * statements under way at once; only if one fails, again with a savepoint around each transaction.
 */

import type pg from 'pg'
import type { CommitGroup, GroupOutcome } from './group-commit.ts'
import { isFatalPostgresError, postgresQuery, storeErrorOfPostgres } from './postgres-client.ts'
import type { Statements } from './statement.ts'
import { type Row, StoreError } from './store.ts'
import { type Step, stepMode, type Transaction } from './transaction.ts'

/** Runs groups on this connection (in pipeline mode), which nobody else may use meanwhile. */
export function createPostgresCommit(client: pg.Client, statements: Statements): CommitGroup {
  const send = ({ statement, parameters }: Step): Promise<pg.QueryResult<Row>> =>
    client.query<Row>(postgresQuery(statements.byId(statement), parameters))

  /** Sends all steps at once; rejects with the first failure, when all have been answered. */
  async function runTransaction({ steps }: Transaction): Promise<Row[][] | undefined> {
    const answers = await Promise.allSettled(steps.map(send))
    let returned: Row[][] | undefined
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') throw answer.reason
      const { mode } = steps[index]!
      if (mode === stepMode.returning) {
        returned ??= []
        returned.push(answer.value.rows)
      } else if (mode === stepMode.require && answer.value.rowCount === 0) {
        throw new StoreError('conflict', 'A condition of the transaction no longer holds.')
      }
    }
    return returned
  }

  async function commitWhole(group: readonly Transaction[]): Promise<GroupOutcome | undefined> {
    const [begun, ...answers] = await Promise.allSettled([client.query('BEGIN'), ...group.map(runTransaction)])
    if (begun.status === 'rejected') throw begun.reason
    const returned = new Map<number, Row[][]>()
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 'rejected') {
        if (!(answer.reason instanceof StoreError) && isFatalPostgresError(answer.reason)) throw answer.reason
        await client.query('ROLLBACK')
        return undefined
      }
      if (answer.value !== undefined) returned.set(index, answer.value)
    }
    await client.query('COMMIT')
    return { errors: new Map(), returned }
  }

  async function commitOneByOne(group: readonly Transaction[]): Promise<GroupOutcome> {
    const errors = new Map<number, StoreError>()
    const returned = new Map<number, Row[][]>()
    await client.query('BEGIN')
    for (const [index, transaction] of group.entries()) {
      const [began, ran] = await Promise.allSettled([client.query('SAVEPOINT one'), runTransaction(transaction)])
      if (began.status === 'rejected') throw began.reason
      if (ran.status === 'rejected') {
        if (!(ran.reason instanceof StoreError) && isFatalPostgresError(ran.reason)) throw ran.reason
        errors.set(index, storeErrorOfPostgres(ran.reason))
        await client.query('ROLLBACK TO SAVEPOINT one')
      } else if (ran.value !== undefined) returned.set(index, ran.value)
      await client.query('RELEASE SAVEPOINT one')
    }
    await client.query('COMMIT')
    return { errors, returned }
  }

  return async (group) => {
    try {
      return (await commitWhole(group)) ?? (await commitOneByOne(group))
    } catch (error) {
      throw storeErrorOfPostgres(error)
    }
  }
}
