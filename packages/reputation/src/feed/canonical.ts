/** Canonical JSON as Matrix defines it: what is hashed and signed. Integers only, so that a value has one text. */

import { ReputationError } from '../errors.ts'
import { feedLimits } from '../limits.ts'

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** The canonical text; throws `bad-feed` for what has none: fractions, lone surrogates, nesting too deep. */
export function canonicalJson(value: Json): string {
  return write(value, feedLimits.depthMax)
}

function write(value: Json, levels: number): string {
  if (levels < 0) throw new ReputationError('bad-feed', 'The JSON is nested too deeply.')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new ReputationError('bad-feed', `${value} is not an integer.`)
    return String(value === 0 ? 0 : value)
  }
  if (typeof value === 'string') return writeText(value)
  if (isList(value)) return `[${value.map((item) => write(item, levels - 1)).join(',')}]`
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  const members = keys.sort(compareCodePoints).map((key) => `${writeText(key)}:${write(value[key]!, levels - 1)}`)
  return `{${members.join(',')}}`
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value)
}

function writeText(text: string): string {
  if (!text.isWellFormed()) throw new ReputationError('bad-feed', 'A string has a lone surrogate.')
  return JSON.stringify(text)
}

/** Surrogates stand for code points above all other units. */
function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length)
  for (let at = 0; at < length; at++) {
    const [a, b] = [left.charCodeAt(at), right.charCodeAt(at)]
    if (a !== b) return orderOf(a) - orderOf(b)
  }
  return left.length - right.length
}

function orderOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
