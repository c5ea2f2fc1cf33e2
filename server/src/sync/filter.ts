/** The filter of a /sync request. Spec: client-server-api#filtering. */

import { isJsonObject, type JsonObject, type JsonValue, parsePropertyPath } from '@parallax/protocol'
import { Lru, MatrixError } from '../base/index.ts'
import { compileEventFilter, type EventFilter, readEventFilter, type StoredEvent } from '../rooms/index.ts'
import { syncLimits } from './limits.ts'
import type { SyncDeps } from './sync-deps.ts'

/** Rooms by ID. */
export type RoomTest = (roomId: string) => boolean

/** One part of a filter, ready for use. */
export type PartFilter = {
  /** Undefined: every room. */
  readonly inRoom: RoomTest | undefined
  /** Undefined: every event. */
  readonly passes: ((event: StoredEvent) => boolean) | undefined
  /** Of something that is no stored event; undefined: all. */
  readonly passesType: ((type: string, sender: string | undefined) => boolean) | undefined
  readonly limit: number | undefined
}

export type SyncFilter = {
  /** Differs for filters that differ: with the device it names what the device was sent. */
  readonly id: number
  /** Undefined: whole events. */
  readonly fields: readonly (readonly string[])[] | undefined
  readonly format: 'client' | 'federation'
  readonly accountData: PartFilter
  readonly presence: PartFilter
  readonly inRoom: RoomTest | undefined
  readonly includeLeave: boolean
  readonly ephemeral: PartFilter
  readonly roomAccountData: PartFilter
  readonly state: PartFilter
  readonly lazyMembers: boolean
  readonly redundantMembers: boolean
  readonly timeline: PartFilter
  readonly threadCounts: boolean
}

export interface SyncFilters {
  /** Throws MatrixError M_INVALID_PARAM, M_NOT_JSON, M_BAD_JSON. */
  find(user: number, text: string | undefined): Promise<SyncFilter>
}

/** Compiled filters, kept by their text. */
export function createSyncFilters(users: Pick<SyncDeps['users'], 'findFilter'>): SyncFilters {
  const byText = new Lru<string, SyncFilter>(syncLimits.filtersMax)
  const none = compileFilter({}, 0)
  let lastId = 0

  return {
    async find(user, text) {
      if (text === undefined || text === '') return none
      const isInline = text.startsWith('{')
      const key = isInline ? text : `${user} ${text}`
      const known = byText.get(key)
      if (known !== undefined) return known
      const filter = isInline ? parseInline(text) : await users.findFilter(user, text)
      if (filter === undefined) throw new MatrixError('M_INVALID_PARAM', 'There is no such filter.')
      const compiled = compileFilter(filter, ++lastId)
      byText.set(key, compiled)
      return compiled
    },
  }
}

function parseInline(text: string): JsonObject {
  if (text.length > syncLimits.filterCharsMax) throw new MatrixError('M_TOO_LARGE', 'The filter is too large.')
  let value: JsonValue
  try {
    value = JSON.parse(text)
  } catch {
    throw new MatrixError('M_NOT_JSON', 'The filter is not valid JSON.')
  }
  if (!isJsonObject(value)) throw new MatrixError('M_BAD_JSON', 'The filter must be an object.')
  return value
}

/** Reads and compiles a filter; unknown fields are ignored. Throws MatrixError M_BAD_JSON. */
export function compileFilter(filter: JsonObject, id: number): SyncFilter {
  const room = part(filter, 'room')
  const timeline = part(room, 'timeline')
  const state = part(room, 'state')
  const fields = list(filter, 'event_fields')
  return {
    id,
    fields: fields?.map(parsePropertyPath),
    format: filter.event_format === 'federation' ? 'federation' : 'client',
    accountData: compilePart(part(filter, 'account_data')),
    presence: compilePart(part(filter, 'presence')),
    inRoom: compileRooms(room),
    includeLeave: room.include_leave === true,
    ephemeral: compilePart(part(room, 'ephemeral')),
    roomAccountData: compilePart(part(room, 'account_data')),
    state: compilePart(state),
    lazyMembers: state.lazy_load_members === true,
    redundantMembers: state.include_redundant_members === true,
    timeline: compilePart(timeline),
    threadCounts: timeline.unread_thread_notifications === true,
  }
}

function compilePart(filter: JsonObject): PartFilter {
  const read = readEventFilter(filter)
  return {
    inRoom: compileRooms(filter),
    passes: compileEventFilter(read),
    passesType: compileTypes(read),
    limit: read.limit,
  }
}

function compileTypes({ types, notTypes = [], senders, notSenders = [] }: EventFilter): PartFilter['passesType'] {
  if (types === undefined && senders === undefined && notTypes.length + notSenders.length === 0) return undefined
  return (type, sender) => {
    if (types !== undefined && !types.some((pattern) => matchesGlob(pattern, type))) return false
    if (notTypes.some((pattern) => matchesGlob(pattern, type))) return false
    if (sender === undefined) return true
    return (senders === undefined || senders.includes(sender)) && !notSenders.includes(sender)
  }
}

/** `*` stands for any run of characters. */
function matchesGlob(pattern: string, text: string): boolean {
  const parts = pattern.split('*')
  const last = parts.pop()!
  if (parts.length === 0) return text === last
  const [first = '', ...middle] = parts
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  let at = first.length
  for (const piece of middle) {
    const found = text.indexOf(piece, at)
    if (found < 0) return false
    at = found + piece.length
  }
  return at <= text.length - last.length
}

function compileRooms(filter: JsonObject): RoomTest | undefined {
  const rooms = list(filter, 'rooms')
  const notRooms = list(filter, 'not_rooms')
  if (rooms === undefined && notRooms === undefined) return undefined
  const only = rooms && new Set(rooms)
  const without = new Set(notRooms)
  return (roomId) => (only === undefined || only.has(roomId)) && !without.has(roomId)
}

function part(filter: JsonObject, name: string): JsonObject {
  const value = filter[name]
  if (value === undefined || value === null) return {}
  if (!isJsonObject(value)) throw new MatrixError('M_BAD_JSON', `"${name}" of the filter must be an object.`)
  return value
}

function list(filter: JsonObject, name: string): string[] | undefined {
  const value = filter[name]
  if (value === undefined || value === null) return undefined
  const isList =
    Array.isArray(value) && value.length <= syncLimits.filterListMax && value.every((item) => typeof item === 'string')
  if (!isList) throw new MatrixError('M_BAD_JSON', `"${name}" of the filter must be a list of strings.`)
  return value as string[]
}
