/** Reading JSON from outside, field by field; whatever is not as it must be is a `bad-feed`. */

import { ReputationError } from '../errors.ts'

export type Fields = Readonly<Record<string, unknown>>

/** The fields of a value that must be an object. */
export function parseFields(value: unknown, what: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse(`${what} is no object.`)
  return value as Fields
}

/** A text of 1 to `lengthMax` characters. */
export function parseText(fields: Fields, name: string, lengthMax: number): string {
  const value = own(fields, name)
  if (typeof value !== 'string' || value === '' || value.length > lengthMax || !value.isWellFormed()) {
    refuse(`"${name}" must be a text of 1 to ${lengthMax} characters.`)
  }
  return value
}

/** An integer within bounds. */
export function parseInteger(fields: Fields, name: string, min: number, max: number): number {
  const value = own(fields, name)
  if (!Number.isSafeInteger(value) || (value as number) < min || (value as number) > max) {
    refuse(`"${name}" must be an integer from ${min} to ${max}.`)
  }
  return value as number
}

/** A list of at most `lengthMax` items; without one, an empty list. */
export function parseList<T>(fields: Fields, name: string, lengthMax: number, parse: (item: unknown) => T): T[] {
  const value = own(fields, name)
  if (value === undefined) return []
  if (!Array.isArray(value)) refuse(`"${name}" must be a list.`)
  if (value.length > lengthMax) throw new ReputationError('too-many', `"${name}" has more than ${lengthMax} items.`)
  return value.map(parse)
}

/** One of a few words. */
export function parseWord<T extends string>(fields: Fields, name: string, words: readonly T[]): T {
  const value = own(fields, name)
  if (!words.includes(value as T)) refuse(`"${name}" must be one of ${words.join(', ')}.`)
  return value as T
}

/** What `parse` answers, or undefined where there is no such field. */
export function parseOptional<T>(fields: Fields, name: string, parse: () => T): T | undefined {
  return own(fields, name) === undefined ? undefined : parse()
}

function own(fields: Fields, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name] : undefined
}

function refuse(message: string): never {
  throw new ReputationError('bad-feed', message)
}
