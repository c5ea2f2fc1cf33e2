/**
 * Reads the body of a sliding sync request, in the accepted form and in that of the proposal's first implementation
 * (`ranges`, pairs in `required_state`, `is_invite`), which clients still send. Spec: msc4186#request-body.
 */

import { isJsonObject, type JsonObject, type JsonValue } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { syncLimits } from '../limits.ts'
import type { SlidingSyncRequest } from '../sync.ts'
import type { RoomConfig, StateMatch, StateWish } from './state-wish.ts'

/** Inclusive, from 0. */
export type Range = readonly [first: number, last: number]

/** Absent fields filter nothing. */
export type ListFilter = {
  readonly isDirect?: boolean
  readonly isEncrypted?: boolean
  readonly isInvited?: boolean
  readonly spaces?: readonly string[]
  /** Null: rooms without a type. */
  readonly roomTypes?: readonly (string | null)[]
  readonly notRoomTypes?: readonly (string | null)[]
  readonly tags?: readonly string[]
  readonly notTags?: readonly string[]
}

export type ListRequest = {
  readonly name: string
  readonly config: RoomConfig
  /** Undefined: all of it. */
  readonly ranges: readonly Range[] | undefined
  readonly filter: ListFilter
}

/** Which rooms an extension tells of; undefined: all that the connection knows. */
export type ExtensionScope = { readonly lists: readonly string[]; readonly rooms: readonly string[] } | undefined

/** Extensions that are asked for. */
export type ExtensionRequests = {
  readonly toDevice: { readonly since: number; readonly limit: number } | undefined
  readonly isE2eeWanted: boolean
  readonly accountData: { readonly scope: ExtensionScope } | undefined
  readonly receipts: { readonly scope: ExtensionScope } | undefined
  readonly typing: { readonly scope: ExtensionScope } | undefined
  readonly threads: { readonly limit: number } | undefined
}

export type SlidingRequest = {
  readonly connection: string
  readonly pos: string | undefined
  readonly timeoutMs: number
  readonly presence: 'offline' | 'online' | 'unavailable'
  readonly transaction: string | undefined
  readonly lists: readonly ListRequest[]
  readonly subscriptions: ReadonlyMap<string, RoomConfig>
  readonly extensions: ExtensionRequests
}

/** Not yet in the specification: msc4308. */
export const threadsExtension = 'io.element.msc4308.thread_subscriptions'

const opaqueName = /^[0-9A-Za-z._~-]{1,255}$/
const presences: ReadonlySet<unknown> = new Set(['offline', 'online', 'unavailable'])

/** `query`: what the first implementation has in the query. Throws MatrixError M_BAD_JSON, M_INVALID_PARAM. */
export function readSlidingRequest(body: JsonObject, query: SlidingSyncRequest['query']): SlidingRequest {
  const presence = body.set_presence ?? 'online'
  if (!presences.has(presence)) throw invalid('set_presence is none of "online", "unavailable", "offline".')
  const pos = text(body, 'pos') ?? query.pos
  return {
    connection: bounded(text(body, 'conn_id') ?? '', 'conn_id', syncLimits.slidingNameCharsMax),
    pos: pos === '' ? undefined : pos,
    timeoutMs: Math.min(whole(body, 'timeout') ?? query.timeout ?? 0, syncLimits.timeoutMaxMs),
    presence: presence as SlidingRequest['presence'],
    transaction: text(body, 'txn_id')?.slice(0, syncLimits.slidingNameCharsMax),
    lists: readLists(body),
    subscriptions: readSubscriptions(body),
    extensions: readExtensions(object(body, 'extensions') ?? {}),
  }
}

function readLists(body: JsonObject): ListRequest[] {
  const entries = Object.entries(object(body, 'lists') ?? {})
  if (entries.length > syncLimits.slidingListsMax) {
    throw invalid(`There may be at most ${syncLimits.slidingListsMax} lists.`)
  }
  return entries.map(([name, list]) => {
    if (!opaqueName.test(name)) throw invalid('The name of a list is no opaque identifier.')
    if (!isJsonObject(list)) throw malformed(`The list "${name}" must be an object.`)
    const filters = object(list, 'filters')
    return { name, config: readConfig(list), ranges: readRanges(list), filter: filters ? readFilter(filters) : {} }
  })
}

function readSubscriptions(body: JsonObject): Map<string, RoomConfig> {
  const entries = Object.entries(object(body, 'room_subscriptions') ?? {})
  if (entries.length > syncLimits.slidingSubscriptionsMax) {
    throw invalid(`There may be at most ${syncLimits.slidingSubscriptionsMax} room subscriptions.`)
  }
  return new Map(
    entries.map(([roomId, subscription]) => {
      if (!isJsonObject(subscription)) throw malformed('A room subscription must be an object.')
      return [roomId, readConfig(subscription)]
    }),
  )
}

function readConfig(rule: JsonObject): RoomConfig {
  const limit = whole(rule, 'timeline_limit')
  if (limit === undefined) throw new MatrixError('M_MISSING_PARAM', 'timeline_limit is missing.')
  const { required_state: wish } = rule
  return {
    timelineLimit: Math.min(limit, syncLimits.slidingTimelineMax),
    wishes: Array.isArray(wish) ? [readPairs(wish)] : wish === undefined || wish === null ? [] : [readWish(wish)],
  }
}

function readWish(wish: JsonValue): StateWish {
  if (!isJsonObject(wish)) throw malformed('required_state must be an object.')
  return {
    include: readMatches(wish, 'include'),
    exclude: readMatches(wish, 'exclude'),
    lazyMembers: flag(wish, 'lazy_members') ?? false,
  }
}

function readMatches(wish: JsonObject, name: string): StateMatch[] {
  return (
    list(wish, name, isJsonObject, 'objects', syncLimits.slidingStateMax)?.map((match) => {
      const type = text(match, 'type')
      const stateKey = text(match, 'state_key')
      return { ...(type === undefined ? {} : { type }), ...(stateKey === undefined ? {} : { stateKey }) }
    }) ?? []
  )
}

/** The older form: `["m.room.member", "$LAZY"]`, with `*` for everything. */
function readPairs(pairs: readonly JsonValue[]): StateWish {
  if (pairs.length > syncLimits.slidingStateMax) throw invalid('required_state has too many elements.')
  let lazyMembers = false
  const include: StateMatch[] = []
  for (const pair of pairs) {
    const [type, stateKey, ...more] = Array.isArray(pair) ? pair : []
    if (typeof type !== 'string' || typeof stateKey !== 'string' || more.length > 0) {
      throw malformed('required_state must be a list of pairs of an event type and a state key.')
    }
    if (stateKey === '$LAZY') lazyMembers ||= type === 'm.room.member'
    else include.push({ ...(type === '*' ? {} : { type }), ...(stateKey === '*' ? {} : { stateKey }) })
  }
  return { include, exclude: [], lazyMembers }
}

function readRanges(rule: JsonObject): Range[] | undefined {
  const many = list(rule, 'ranges', Array.isArray, 'ranges', syncLimits.slidingRangesMax)
  const one = list(rule, 'range', isNumber, 'numbers', 2)
  const ranges = one === undefined ? many : [one]
  return ranges?.map((range: JsonValue[]) => {
    const [first, last] = range
    const isRange = range.length === 2 && isIndex(first) && isIndex(last) && first <= last
    if (!isRange) throw invalid('A range must be two indexes, the first of which is not the greater one.')
    return [first, last]
  })
}

function isIndex(value: JsonValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function readFilter(filter: JsonObject): ListFilter {
  const max = syncLimits.filterListMax
  const read = {
    isDirect: flag(filter, 'is_dm'),
    isEncrypted: flag(filter, 'is_encrypted'),
    isInvited: flag(filter, 'is_invited') ?? flag(filter, 'is_invite'),
    spaces: list(filter, 'spaces', isText, 'strings', max),
    roomTypes: list(filter, 'room_types', isTextOrNull, 'strings', max),
    notRoomTypes: list(filter, 'not_room_types', isTextOrNull, 'strings', max),
    tags: list(filter, 'tags', isText, 'strings', max),
    notTags: list(filter, 'not_tags', isText, 'strings', max),
  }
  return Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined))
}

function readExtensions(extensions: JsonObject): ExtensionRequests {
  const enabled = (name: string): JsonObject | undefined => {
    const extension = object(extensions, name)
    return extension?.enabled === true ? extension : undefined
  }
  const scoped = (name: string) => {
    const extension = enabled(name)
    return extension && { scope: readScope(extension) }
  }
  const toDevice = enabled('to_device')
  const threads = enabled(threadsExtension)
  return {
    toDevice: toDevice && {
      since: readToDeviceToken(text(toDevice, 'since')),
      limit: Math.max(1, Math.min(whole(toDevice, 'limit') ?? syncLimits.toDeviceMax, syncLimits.toDeviceMax)),
    },
    isE2eeWanted: enabled('e2ee') !== undefined,
    accountData: scoped('account_data'),
    receipts: scoped('receipts'),
    typing: scoped('typing'),
    threads: threads && {
      limit: Math.max(1, Math.min(whole(threads, 'limit') ?? syncLimits.threadsMax, syncLimits.threadsMax)),
    },
  }
}

/** Absent, or with `*`: everything. */
function readScope(extension: JsonObject): ExtensionScope {
  const lists = list(extension, 'lists', isText, 'strings', syncLimits.slidingListsMax)
  const rooms = list(extension, 'rooms', isText, 'strings', syncLimits.slidingSubscriptionsMax)
  if (lists === undefined && rooms === undefined) return undefined
  return { lists: lists ?? ['*'], rooms: rooms ?? ['*'] }
}

function readToDeviceToken(token: string | undefined): number {
  if (token === undefined || token === '') return 0
  const since = Number(/^\d{1,16}$/.exec(token)?.[0])
  if (!Number.isSafeInteger(since)) throw invalid('"since" of to_device is not a token that this server gave out.')
  return since
}

const isText = (value: JsonValue): value is string => typeof value === 'string'
const isTextOrNull = (value: JsonValue): value is string | null => value === null || typeof value === 'string'
const isNumber = (value: JsonValue): value is number => typeof value === 'number'

function list<T extends JsonValue>(
  from: JsonObject,
  name: string,
  isItem: (value: JsonValue) => value is T,
  items: string,
  max: number,
): T[] | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value) || !value.every(isItem)) throw malformed(`"${name}" must be a list of ${items}.`)
  if (value.length > max) throw invalid(`"${name}" may have at most ${max} elements.`)
  return value as T[]
}

function object(from: JsonObject, name: string): JsonObject | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (!isJsonObject(value)) throw malformed(`"${name}" must be an object.`)
  return value
}

function text(from: JsonObject, name: string): string | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'string') throw malformed(`"${name}" must be a string.`)
  return value
}

function flag(from: JsonObject, name: string): boolean | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw malformed(`"${name}" must be true or false.`)
  return value
}

function whole(from: JsonObject, name: string): number | undefined {
  const value = from[name]
  if (value === undefined || value === null) return undefined
  if (!Number.isSafeInteger(value) || (value as number) < 0) {
    throw malformed(`"${name}" must be a whole number that is not below zero.`)
  }
  return value as number
}

function bounded(value: string, name: string, max: number): string {
  if (value.length > max) throw invalid(`"${name}" may have at most ${max} characters.`)
  return value
}

function malformed(message: string): MatrixError {
  return new MatrixError('M_BAD_JSON', message)
}

function invalid(message: string): MatrixError {
  return new MatrixError('M_INVALID_PARAM', message)
}
