/** A lens worked out for evaluating: subscriptions by number, trust and caps by context. Made once for each lens. */

import { contextFactor } from '../context.ts'
import { type Lens, type Subscription, trustIn } from './lens.ts'

export type LensTable = {
  readonly rows: readonly LensRow[]
  readonly byFeed: ReadonlyMap<string, LensRow>
  readonly hasOperators: boolean
  readonly hasOthers: boolean
}

export type LensRow = {
  readonly number: number
  readonly subscription: Subscription
  readonly trust: Map<string, number>
  /** The first row of the same operator. */
  readonly group: number
}

const tables = new WeakMap<Lens, LensTable>()

/** The table of a lens; a lens is never changed, only replaced. */
export function tableOf(lens: Lens): LensTable {
  let table = tables.get(lens)
  if (table === undefined) {
    table = createTable(lens)
    tables.set(lens, table)
  }
  return table
}

function createTable({ subscriptions }: Lens): LensTable {
  const byOperator = new Map<string, number>()
  const rows = subscriptions.map((subscription, number): LensRow => {
    const { operator } = subscription
    const group = operator === undefined ? number : (byOperator.get(operator) ?? number)
    if (operator !== undefined) byOperator.set(operator, group)
    return { number, subscription, trust: new Map(), group }
  })
  return {
    rows,
    byFeed: new Map(rows.map((row) => [row.subscription.feed, row])),
    hasOperators: rows.some(({ group, number }) => group !== number),
    hasOthers: subscriptions.some(({ mode }) => mode !== 'blend'),
  }
}

/** The trust of a row in a context. */
export function trustOf(row: LensRow, context: string): number {
  let trust = row.trust.get(context)
  if (trust === undefined) {
    trust = trustIn(row.subscription, context)
    row.trust.set(context, trust)
  }
  return trust
}

const factors = new Map<string, Map<string, number>>()
const factorsMax = 1_000

/** `contextFactor`, remembered. */
export function factorBetween(from: string, to: string): number {
  if (from === to) return 1
  let known = factors.get(to)
  if (known === undefined) {
    if (factors.size >= factorsMax) factors.clear()
    known = new Map()
    factors.set(to, known)
  }
  let factor = known.get(from)
  if (factor === undefined) {
    if (known.size >= factorsMax) known.clear()
    factor = contextFactor(from, to)
    known.set(from, factor)
  }
  return factor
}
