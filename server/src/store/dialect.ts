/**
 * All that differs between SQLite and Postgres in SQL text. Statements are written once, in the common dialect:
 * INTEGER (64 bits), TEXT (ordered by code point), BLOB, WITHOUT ROWID, ON CONFLICT, `IN ${anyOf(list)}`,
 * MAX(a, b) and MIN(a, b) of two integers or texts. LIKE is case-sensitive.
 */

import type { SqlList, SqlParameter, SqlValue } from './store.ts'

export interface Dialect {
  /** Tells apart the texts that one template needs for different kinds of values. */
  variantOf(values: readonly SqlParameter[]): string
  /** The text with its placeholders; `values` are an example of the variant. */
  textOf(strings: readonly string[], values: readonly SqlParameter[]): string
}

function isList(value: SqlParameter): value is SqlList {
  return typeof value === 'object' && value !== null && 'list' in value
}

/** SQLite: `?`, a list is one JSON array. */
export const sqliteDialect: Dialect = {
  variantOf(values) {
    let variant = ''
    for (let index = 0; index < values.length; index++) if (isList(values[index]!)) variant += `${index},`
    return variant
  },
  textOf(strings, values) {
    let text = strings[0]!
    for (const [index, value] of values.entries()) {
      text += (isList(value) ? '(SELECT value FROM json_each(?))' : '?') + strings[index + 1]!
    }
    return text
  },
}

function postgresKindOf(value: SqlParameter): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'n' : 'f'
  if (typeof value === 'string') return 't'
  if (value === null) return '0'
  return isList(value) ? 'l' : 'b'
}

const postgresCasts: Readonly<Record<string, string>> = { n: '::bigint', f: '::float8', t: '::text', b: '::bytea' }

/** Postgres: `$n` with the type of its value; `IN ${list}` becomes `= ANY($n)`, typed by its left side. */
export const postgresDialect: Dialect = {
  variantOf(values) {
    let variant = ''
    for (let index = 0; index < values.length; index++) variant += postgresKindOf(values[index]!)
    return variant
  },
  textOf(strings, values) {
    let text = strings[0]!
    for (const [index, value] of values.entries()) {
      const place = `$${index + 1}`
      if (isList(value)) {
        text = text.replace(/\bNOT\s+IN\s*$/i, '<> ALL ').replace(/\bIN\s*$/i, '= ANY ')
        text += `(${place})`
      } else {
        text += place + (postgresCasts[postgresKindOf(value)] ?? '')
      }
      text += strings[index + 1]!
    }
    return text.replace(/\bAS INTEGER\)/g, 'AS BIGINT)')
  },
}

/** A parameter as SQLite takes it: a list as JSON; bytes without the rest of a pooled buffer. */
export function sqliteValueOf(value: SqlParameter): SqlValue {
  if (typeof value !== 'object' || value === null) return value
  if ('list' in value) return JSON.stringify(value.list)
  return value.byteLength === value.buffer.byteLength ? value : new Uint8Array(value)
}

// Postgres refuses U+0000 in texts. U+0001 becomes the mark of an escape; the order of texts stays the same.

/** The text as it is kept in Postgres. */
export function escapePostgresText(text: string): string {
  if (!text.includes('\u0000') && !text.includes('\u0001')) return text
  return text.replaceAll('\u0001', '\u00011').replaceAll('\u0000', '\u00010')
}

/** The text that was given to `escapePostgresText`. */
export function unescapePostgresText(text: string): string {
  if (!text.includes('\u0001')) return text
  return text.replaceAll('\u00010', '\u0000').replaceAll('\u00011', '\u0001')
}

/** A parameter as the Postgres client takes it. */
export function postgresValueOf(value: SqlParameter): unknown {
  if (typeof value === 'string') return escapePostgresText(value)
  if (typeof value !== 'object' || value === null) return value
  if (!('list' in value)) return Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  return value.list.map((item) => (typeof item === 'string' ? escapePostgresText(item) : item))
}

/** A migration's text for Postgres: other type names; quoted texts stay as they are. */
export function postgresSchemaOf(sql: string): string {
  return sql
    .split(/('(?:[^']|'')*')/)
    .map((part, index) =>
      index % 2 === 1
        ? part
        : part
            .replace(/\bINTEGER\b/g, 'BIGINT')
            .replace(/\bTEXT\b/g, 'TEXT COLLATE "C"')
            .replace(/\bBLOB\b/g, 'BYTEA')
            .replace(/\bREAL\b/g, 'DOUBLE PRECISION')
            .replace(/\)\s*WITHOUT ROWID/g, ')'),
    )
    .join('')
}

/** Functions of the common dialect that Postgres lacks. */
export const postgresPrelude = ['bigint', 'text']
  .flatMap((type) => [
    `CREATE OR REPLACE FUNCTION max(${type}, ${type}) RETURNS ${type} LANGUAGE sql IMMUTABLE PARALLEL SAFE
       AS 'SELECT CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE greatest($1, $2) END'`,
    `CREATE OR REPLACE FUNCTION min(${type}, ${type}) RETURNS ${type} LANGUAGE sql IMMUTABLE PARALLEL SAFE
       AS 'SELECT CASE WHEN $1 IS NULL OR $2 IS NULL THEN NULL ELSE least($1, $2) END'`,
  ])
  .join(';\n')
