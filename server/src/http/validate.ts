/** Checks of parameters, query and body against an endpoint's schemas, compiled when the endpoint is first called. */

import type { JsonObject } from '@parallax/protocol'
import type { TSchema } from 'typebox'
import type { Validator } from 'typebox/compile'
import { MatrixError } from '../base/index.ts'
import type { EndpointDeclaration } from './endpoint.ts'

export type QueryValues = Record<string, string | string[]>

/** The checks of one endpoint; each answers the value as the handler gets it or throws a MatrixError. */
export type Checks = {
  params(given: Record<string, string>): unknown
  query(given: QueryValues): unknown
  body(given: JsonObject): unknown
}

type Problem = { keyword: string; instancePath: string; message: string; params: object }

let loading: Promise<typeof import('typebox/compile')> | undefined

/** Loads the schema compiler; it costs more than the rest of the start, so nothing waits for it before a first call. */
export function loadCompiler(): Promise<typeof import('typebox/compile')> {
  loading ??= import('typebox/compile')
  return loading
}

/** The checks of an endpoint. */
export async function compileChecks(declaration: EndpointDeclaration): Promise<Checks> {
  const { params, query, body } = declaration
  if (params === undefined && query === undefined && body === undefined) return passAll
  const { Compile } = await loadCompiler()
  const checkParams = params && Compile(params)
  const checkQuery = query && Compile(query)
  const checkBody = body && Compile(body)
  const readers = query && queryReaders(query)
  return {
    params: (given) => (checkParams ? pass(checkParams, refuseNulls(given), false) : refuseNulls(given)),
    query: (given) => (checkQuery && readers ? pass(checkQuery, readQuery(readers, given), false) : given),
    body: (given) => (checkBody ? pass(checkBody, given, true) : given),
  }
}

const passAll: Checks = { params: refuseNulls, query: (given) => given, body: (given) => given }

function pass(validator: Validator, value: unknown, isBody: boolean): unknown {
  if (validator.Check(value)) return value
  throw refusal(validator.Errors(value) as unknown as Problem[], isBody)
}

function refusal(problems: readonly Problem[], isBody: boolean): MatrixError {
  const missing = problems.find(({ keyword, instancePath }) => keyword === 'required' && instancePath === '')
  if (missing !== undefined) {
    const names = (missing.params as { requiredProperties?: string[] }).requiredProperties ?? []
    return new MatrixError('M_MISSING_PARAM', `Missing: ${names.join(', ')}.`)
  }
  const first = problems[0]
  const where = first?.instancePath.slice(1).replaceAll('/', '.') ?? ''
  return new MatrixError(isBody ? 'M_BAD_JSON' : 'M_INVALID_PARAM', `${where || 'The value'} ${first?.message}.`)
}

/** U+0000 is in no identifier, and not every store can hold it. */
function refuseNulls(given: Record<string, string>): Record<string, string> {
  for (const name in given) {
    if (given[name]?.includes('\0')) throw new MatrixError('M_INVALID_PARAM', `${name} must not contain U+0000.`)
  }
  return given
}

type QueryReader = (given: string | string[]) => unknown

function queryReaders(schema: TSchema): ReadonlyMap<string, QueryReader> {
  const properties = (schema as { properties?: Record<string, { type?: string }> }).properties ?? {}
  return new Map(Object.entries(properties).map(([name, { type }]) => [name, readerOf(type)]))
}

function readerOf(type: string | undefined): QueryReader {
  if (type === 'array') return (given) => (Array.isArray(given) ? given : [given])
  if (type === 'integer' || type === 'number') return (given) => numberFrom(one(given))
  if (type === 'boolean') return (given) => booleanFrom(one(given))
  return one
}

/** Texts that are no number stay texts, so that the schema refuses them. */
function numberFrom(text: string): number | string {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text
}

function booleanFrom(text: string): boolean | string {
  if (text === 'true') return true
  return text === 'false' ? false : text
}

function one(given: string | string[]): string {
  return Array.isArray(given) ? (given[0] ?? '') : given
}

function readQuery(readers: ReadonlyMap<string, QueryReader>, given: QueryValues): Record<string, unknown> {
  const values: Record<string, unknown> = {}
  for (const [name, read] of readers) {
    const value = given[name]
    if (value === undefined) continue
    if (String(value).includes('\0')) throw new MatrixError('M_INVALID_PARAM', `${name} must not contain U+0000.`)
    values[name] = read(value)
  }
  return values
}
