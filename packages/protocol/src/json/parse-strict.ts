/**
 * Parsing of JSON from outside. Refused with `bad-json`: invalid UTF-8, a byte order mark, lone surrogates (raw or
 * escaped: they have no UTF-8 form), too deep nesting, numbers too large for a double. Of duplicate keys the last one
 * counts, as with most other servers. Spec: client-server-api#api-standards.
 */

import { ProtocolError } from '../errors.ts'
import { isJsonObject, type JsonObject, type JsonValue } from './json.ts'
import { jsonLimits } from './limits.ts'

export type ParseOptions = {
  /** Default `jsonLimits.depthMax`. */
  readonly depthMax?: number
  /**
   * What becomes of integers written as floats (`1.0`, `1e2`), which strict canonical JSON refuses although their value
   * is an integer. `keep` (default): the integer. `mark`: the next double that is no integer in range, so that the
   * strict canonical form still refuses it. Use `mark` for events from other servers.
   */
  readonly floats?: 'keep' | 'mark'
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const escapedSurrogate = /\\u[dD][89a-fA-F]/

/** The value that UTF-8 bytes or a text describe. */
export function parseStrictJson(input: string | Uint8Array, options: ParseOptions = {}): JsonValue {
  const text = typeof input === 'string' ? input : decodeUtf8(input)
  if (typeof input === 'string' && !input.isWellFormed()) fail('The text has a lone surrogate')
  const scan = scanStructure(text)
  if (scan.depth > (options.depthMax ?? jsonLimits.depthMax)) fail('The JSON is nested too deeply')
  const value = parseText(text, scan.hasFloat && options.floats === 'mark' ? markFloat : undefined)
  if (escapedSurrogate.test(text)) requireWellFormed(value)
  if (scan.hasHugeNumber) requireFinite(value)
  return value
}

/** The object that UTF-8 bytes or a text describe. */
export function parseStrictJsonObject(input: string | Uint8Array, options: ParseOptions = {}): JsonObject {
  const value = parseStrictJson(input, options)
  return isJsonObject(value) ? value : fail('The JSON is not an object')
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    return fail('The bytes are not UTF-8')
  }
}

type Reviver = (key: string, value: JsonValue, context: { source?: string }) => JsonValue

function parseText(text: string, reviver: Reviver | undefined): JsonValue {
  try {
    return JSON.parse(text, reviver as ((key: string, value: unknown) => unknown) | undefined) as JsonValue
  } catch (error) {
    return fail(`Not JSON: ${error instanceof SyntaxError ? error.message.slice(0, 120) : 'it cannot be read'}`)
  }
}

/** Depth of brackets and presence of floats, outside strings. Says nothing on whether the text is JSON. */
function scanStructure(text: string): { depth: number; hasFloat: boolean; hasHugeNumber: boolean } {
  let depth = 0
  let depthSeen = 0
  let hasFloat = false
  let digits = 0
  let hasHugeNumber = false
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit >= 0x30 && unit <= 0x39) {
      digits += 1
      hasHugeNumber ||= digits > 300
      continue
    }
    if (unit === 0x22) index = endOfString(text, index)
    else if (unit === 0x7b || unit === 0x5b) depth += 1
    else if (unit === 0x7d || unit === 0x5d) depth -= 1
    else if (unit === 0x2e || ((unit | 0x20) === 0x65 && digits > 0)) hasFloat = true
    if (depth > depthSeen) depthSeen = depth
    digits = 0
  }
  return { depth: depthSeen, hasFloat, hasHugeNumber: hasHugeNumber || hasFloat }
}

/** The index of the quote that ends the string begun at `start`, or the text's length. */
function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit === 0x22) return index
    if (unit === 0x5c) index += 1
  }
  return text.length
}

const markFloat: Reviver = (_key, value, { source }) => {
  if (typeof value !== 'number' || source === undefined || !/[.eE]/.test(source)) return value
  if (!Number.isSafeInteger(value)) return value
  const marked = value === 0 ? Number.MIN_VALUE : value * (1 + Number.EPSILON)
  return Number.isInteger(marked) ? Math.sign(value) * 2 ** 53 : marked
}

function requireWellFormed(value: JsonValue): void {
  if (typeof value === 'string' && !value.isWellFormed()) fail('A string has a lone surrogate')
  if (typeof value !== 'object' || value === null) return
  for (const [key, item] of Object.entries(value)) {
    if (!key.isWellFormed()) fail('A key has a lone surrogate')
    requireWellFormed(item as JsonValue)
  }
}

function requireFinite(value: JsonValue): void {
  if (typeof value === 'number' && !Number.isFinite(value)) fail('A number is too large')
  if (typeof value !== 'object' || value === null) return
  for (const item of Object.values(value)) requireFinite(item as JsonValue)
}

function fail(message: string): never {
  throw new ProtocolError('bad-json', message)
}
