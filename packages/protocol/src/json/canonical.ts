/**
 * Canonical JSON: no spaces, keys in the order of their code points, UTF-8. Spec: appendices#canonical-json.
 * In the hot path of every send: one pass, strings joined as they come.
 */

import { ProtocolError } from '../errors.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { jsonLimits } from './limits.ts'

/** Needs no escape in JSON and is well-formed whatever stands beside it. */
const plainText = /^[\x20\x21\x23-\x5b\x5d-\ud7ff\ue000-\uffff]*$/
const nothing: ReadonlySet<string> = new Set()
/** Rooms of versions 1–5 have events whose depth is 2^63 - 1: as a double it is 2^63, and must be written as it was. */
const int64MaxAsDouble = 2 ** 63
/** UTF-16 order and code-point order can differ only where one of these stands. */
const highUnit = /[\ud800-\uffff]/

/** The canonical text of a value as room versions 1–5 take it: floats pass as JavaScript writes them. */
export function canonicalJson(value: JsonValue): string {
  return writeValue(value, false, jsonLimits.canonicalDepthMax)
}

/** The canonical text of a value; throws `bad-json` for floats and integers beyond ±(2^53 - 1) (v6 and later). */
export function strictCanonicalJson(value: JsonValue): string {
  return writeValue(value, true, jsonLimits.canonicalDepthMax)
}

/** The canonical text of a value nested at most `depthMax` deep; strict as `strictCanonicalJson` if so asked. */
export function canonicalJsonWithin(value: JsonValue, depthMax: number, strict: boolean): string {
  return writeValue(value, strict, depthMax)
}

/** The canonical text of an object without some of its keys; strict as `strictCanonicalJson` if so asked. */
export function canonicalJsonWithout(object: JsonObject, omitted: ReadonlySet<string>, strict = false): string {
  return writeObject(object, strict, jsonLimits.canonicalDepthMax, omitted)
}

/** Sorts the keys in place, in the order of their code points. */
export function sortKeys(keys: string[]): string[] {
  if (keys.length < 2) return keys
  keys.sort()
  return keys.some((key) => highUnit.test(key)) ? keys.sort(compareCodePoints) : keys
}

/** The JSON text of one string; throws `bad-json` for a lone surrogate, which has no UTF-8 form. */
export function jsonString(text: string): string {
  if (plainText.test(text)) return `"${text}"`
  if (!text.isWellFormed()) throw new ProtocolError('bad-json', 'A string has a lone surrogate')
  return JSON.stringify(text)
}

/** `levels`: how many more levels of nesting are allowed. */
function writeValue(value: JsonValue, strict: boolean, levels: number): string {
  switch (typeof value) {
    case 'string':
      return jsonString(value)
    case 'number':
      return writeNumber(value, strict)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      if (levels <= 0) throw new ProtocolError('bad-json', 'The JSON is nested too deeply')
      return Array.isArray(value) ? writeArray(value, strict, levels - 1) : writeObject(value, strict, levels - 1)
    default:
      throw new ProtocolError('bad-json', `A ${typeof value} is not JSON`)
  }
}

function writeNumber(value: number, strict: boolean): string {
  if (Number.isSafeInteger(value)) return String(value)
  if (strict) throw new ProtocolError('bad-json', `${value} is not an integer between -(2^53 - 1) and 2^53 - 1`)
  if (!Number.isFinite(value)) throw new ProtocolError('bad-json', `${value} is not JSON`)
  return value === int64MaxAsDouble ? '9223372036854775807' : JSON.stringify(value)
}

function writeArray(items: readonly JsonValue[], strict: boolean, levels: number): string {
  let text = '['
  for (let index = 0; index < items.length; index += 1) {
    text += index === 0 ? writeValue(items[index]!, strict, levels) : `,${writeValue(items[index]!, strict, levels)}`
  }
  return `${text}]`
}

function writeObject(object: JsonObject, strict: boolean, levels: number, omitted = nothing): string {
  let text = ''
  for (const key of sortKeys(Object.keys(object))) {
    const value = object[key]
    if (value === undefined || (omitted !== nothing && omitted.has(key))) continue
    text += `${text === '' ? '' : ','}${jsonString(key)}:${writeValue(value, strict, levels)}`
  }
  return `{${text}}`
}

/** Negative, zero or positive: the order of two strings by code points. */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index += 1) {
    const unitA = a.charCodeAt(index)
    const unitB = b.charCodeAt(index)
    if (unitA !== unitB) return orderOfUnit(unitA) - orderOfUnit(unitB)
  }
  return a.length - b.length
}

/** Puts surrogates, which stand for code points above U+FFFF, after all other units. */
function orderOfUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
