/** Statements: the text of each call site is built once and known by a number from then on. */

import type { Dialect } from './dialect.ts'
import type { SqlParameter } from './store.ts'

export type Statement = {
  /** 0, 1, 2 … in the order of first use; the same text has the same number. */
  readonly id: number
  readonly text: string
  readonly parameterCount: number
}

export type Statements = {
  /** The statement of this call site for these kinds of values. */
  of(strings: TemplateStringsArray, values: readonly SqlParameter[]): Statement
  /** The statement with this number, which `of` has answered before. */
  byId(id: number): Statement
  /** The statements that have this number or a higher one, in order. */
  since(id: number): readonly Statement[]
}

const none: readonly Statement[] = []

type Site = { variant: string; statement: Statement; others: Map<string, Statement> | undefined }

/** A registry of statements for one store. Grows with the number of call sites, not with use. */
export function createStatements(dialect: Dialect): Statements {
  const sites = new WeakMap<TemplateStringsArray, Site>()
  const byText = new Map<string, Statement>()
  const all: Statement[] = []

  function register(strings: TemplateStringsArray, values: readonly SqlParameter[]): Statement {
    const text = dialect.textOf(strings, values)
    const known = byText.get(text)
    if (known !== undefined) return known
    const statement = { id: all.length, text, parameterCount: values.length }
    byText.set(text, statement)
    all.push(statement)
    return statement
  }

  return {
    of(strings, values) {
      const variant = dialect.variantOf(values)
      const site = sites.get(strings)
      if (site?.variant === variant) return site.statement
      let statement = site?.others?.get(variant)
      if (statement !== undefined) return statement
      statement = register(strings, values)
      if (site === undefined) sites.set(strings, { variant, statement, others: undefined })
      else {
        site.others ??= new Map()
        site.others.set(variant, statement)
      }
      return statement
    },
    byId: (id) => all[id]!,
    since: (id) => (id === all.length ? none : all.slice(id)),
  }
}
