/** Wrong values for every field of a request body, made from an endpoint's schema. */

import type { JsonObject, JsonValue } from '@parallax/protocol'

type Schema = {
  readonly type?: string
  readonly const?: JsonValue
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly minimum?: number
}

/** `text`: of the whole body, as some of it can be written in JSON only by hand. */
export type WrongBody = { readonly what: string; readonly text: string }

const nestedDepth = 90
const deepDepth = 5000

/** Texts of JSON values that hardly any field wants. */
const wrongTexts: readonly string[] = [
  'null',
  'true',
  '-1',
  '1.5',
  '1e400',
  '-1e308',
  '9007199254740993',
  '123456789012345678901234567890',
  '""',
  '"\\u0000"',
  '"a\\u0000b"',
  '"\\ud800"',
  '"\\ufffe\\uffff\\u202e"',
  `"${'x'.repeat(70_000)}"`,
  '[]',
  '[null]',
  '["\\u0000"]',
  '{}',
  '{"\\u0000":"\\u0000"}',
  '{"__proto__":{"x":1},"constructor":null,"toString":1}',
  `${'['.repeat(nestedDepth)}${']'.repeat(nestedDepth)}`,
  `${'{"a":'.repeat(nestedDepth)}1${'}'.repeat(nestedDepth)}`,
  `${'['.repeat(deepDepth)}${']'.repeat(deepDepth)}`,
]

/** For places deep inside. */
const fewTexts: readonly string[] = ['null', '-1', '1e400', '"a\\u0000b"', '"\\ud800"', '[]', '{}']

/** A body that fits the schema as far as that can be told, its strings from `known` by the field's name. */
export function sampleOf(schema: object, known: Readonly<Record<string, JsonValue>> = {}): JsonObject {
  return sample(schema as Schema, known, '') as JsonObject
}

function sample(schema: Schema, known: Readonly<Record<string, JsonValue>>, name: string): JsonValue {
  if (schema.const !== undefined) return schema.const
  if (schema.anyOf !== undefined) return sample(schema.anyOf[0] ?? {}, known, name)
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties)
    return Object.fromEntries(fields.map(([field, inner]) => [field, sample(inner, known, field)]))
  }
  if (known[name] !== undefined) return known[name]
  if (schema.type === 'string') return 'x'
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(1, schema.minimum ?? 1)
  if (schema.type === 'boolean') return false
  if (schema.type === 'array') return schema.items === undefined ? [] : [sample(schema.items, known, name)]
  return {}
}

/** Bodies in which one place, down to some levels, holds a wrong value, and some that have too much of all. */
export function* wrongBodies(body: JsonObject): Generator<WrongBody> {
  for (const path of [...pathsOf(body), ['added']]) {
    for (const text of path.length > 2 ? fewTexts : wrongTexts) {
      yield { what: `${path.join('.')} = ${text.slice(0, 40)}`, text: replaced(body, path, text) }
    }
  }
  for (const text of wrongTexts) if (text.startsWith('{')) yield { what: text.slice(0, 40), text }
  const many = Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`field ${index}`, index]))
  yield { what: '3000 fields', text: JSON.stringify({ ...body, ...many }) }
  yield { what: 'a field twice', text: `{"a":1,"a":2,${JSON.stringify(body).slice(1)}`.replace(',}', '}') }
}

const levelsMax = 4

function pathsOf(value: JsonValue | undefined, level = 0): string[][] {
  if (typeof value !== 'object' || value === null || level === levelsMax) return []
  const names = Array.isArray(value) ? Object.keys(value).slice(0, 1) : Object.keys(value)
  return names.flatMap((name) => {
    const inner = pathsOf((value as JsonObject)[name], level + 1)
    return [[name], ...inner.map((path) => [name, ...path])]
  })
}

const mark = 'the wrong value'

function replaced(body: JsonObject, path: readonly string[], text: string): string {
  const copy = structuredClone(body)
  let place = copy
  for (const name of path.slice(0, -1)) place = place[name] as JsonObject
  place[path.at(-1)!] = mark
  return JSON.stringify(copy).replace(`"${mark}"`, () => text)
}
