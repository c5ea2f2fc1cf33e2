/** Filters of events that clients give. Spec: client-server-api#filtering. */

import { isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { contentText } from '../client-format.ts'
import type { StoredEvent } from '../rooms.ts'
import { headerOf } from './event-header.ts'

/** A `RoomEventFilter` (or the event part of it). */
export type EventFilter = {
  readonly types?: readonly string[]
  readonly notTypes?: readonly string[]
  readonly senders?: readonly string[]
  readonly notSenders?: readonly string[]
  readonly containsUrl?: boolean
  readonly lazyLoadMembers?: boolean
  readonly limit?: number
}

/** Patterns or names in one list of a filter. */
const LIST_MAX = 1000

/** Reads a filter object; unknown fields are ignored. Throws MatrixError M_BAD_JSON on wrong types. */
export function readEventFilter(filter: JsonObject): EventFilter {
  return {
    ...list(filter, 'types', 'types'),
    ...list(filter, 'not_types', 'notTypes'),
    ...list(filter, 'senders', 'senders'),
    ...list(filter, 'not_senders', 'notSenders'),
    ...flag(filter, 'contains_url', 'containsUrl'),
    ...flag(filter, 'lazy_load_members', 'lazyLoadMembers'),
    ...(typeof filter.limit === 'number' ? { limit: filter.limit } : {}),
  }
}

/** Parses the `filter` parameter of a query: JSON text of an object. */
export function parseEventFilter(text: string | undefined): EventFilter {
  if (text === undefined) return {}
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    throw new MatrixError('M_NOT_JSON', 'The filter is not valid JSON.')
  }
  if (!isJsonObject(value)) throw new MatrixError('M_BAD_JSON', 'The filter must be an object.')
  return readEventFilter(value)
}

/** A test of events that costs nothing where the filter says nothing. */
export function compileEventFilter(filter: EventFilter): ((event: StoredEvent) => boolean) | undefined {
  const types = filter.types?.map(compilePattern)
  const notTypes = filter.notTypes?.map(compilePattern) ?? []
  const senders = filter.senders && new Set(filter.senders)
  const notSenders = new Set(filter.notSenders)
  const { containsUrl } = filter
  const isEmpty = !types && notTypes.length === 0 && !senders && notSenders.size === 0 && containsUrl === undefined
  if (isEmpty) return undefined
  return (event) => {
    const { type, sender } = headerOf(event)
    if (types !== undefined && !types.some((matches) => matches(type))) return false
    if (notTypes.some((matches) => matches(type))) return false
    if (senders !== undefined && !senders.has(sender)) return false
    if (notSenders.has(sender)) return false
    return containsUrl === undefined || containsUrl === hasUrl(event)
  }
}

function hasUrl(event: StoredEvent): boolean {
  const text = contentText(event)
  return text.includes('"url"') && typeof JSON.parse(text).url === 'string'
}

/** `*` stands for any run of characters; linear in the length of the text. */
function compilePattern(pattern: string): (text: string) => boolean {
  const parts = pattern.split('*')
  const first = parts[0]!
  const last = parts.at(-1)!
  if (parts.length === 1) return (text) => text === pattern
  return (text) => {
    if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false
    let at = first.length
    for (const part of parts.slice(1, -1)) {
      const found = text.indexOf(part, at)
      if (found < 0) return false
      at = found + part.length
    }
    return at <= text.length - last.length
  }
}

function list(filter: JsonObject, from: string, to: keyof EventFilter): Partial<EventFilter> {
  const value = filter[from]
  if (value === undefined || value === null) return {}
  const isList = Array.isArray(value) && value.length <= LIST_MAX && value.every((item) => typeof item === 'string')
  if (!isList)
    throw new MatrixError('M_BAD_JSON', `"${from}" of the filter must be a list of at most ${LIST_MAX} strings.`)
  return { [to]: value }
}

function flag(filter: JsonObject, from: string, to: keyof EventFilter): Partial<EventFilter> {
  const value = filter[from]
  if (value === undefined || value === null) return {}
  if (typeof value !== 'boolean') throw new MatrixError('M_BAD_JSON', `"${from}" of the filter must be true or false.`)
  return { [to]: value }
}
