/** What a request for messages asks for. Spec: client-server-api#post_matrixclientv3search. */

import type { JsonObject, RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { compileEventFilter, type EventFilter, readEventFilter, type StoredEvent } from '../../rooms/index.ts'
import { messageLimits } from '../limits.ts'
import type { MessagesQuery } from '../search.ts'
import { searchedKeys } from './searchable-text.ts'
import { readWish, type Wish } from './terms.ts'

export type GroupKey = 'room_id' | 'sender'

export type MessageRequest = {
  readonly wish: Wish
  /** Types of events in which to search. */
  readonly types: ReadonlySet<string>
  readonly order: 'rank' | 'recent'
  readonly limit: number
  /** Undefined: all of the caller's. */
  readonly rooms: ReadonlySet<RoomId> | undefined
  readonly notRooms: ReadonlySet<RoomId>
  readonly passes: ((event: StoredEvent) => boolean) | undefined
  /** Neighbours to show; undefined: none are wanted. */
  readonly context: { readonly before: number; readonly after: number; readonly hasProfiles: boolean } | undefined
  readonly hasState: boolean
  readonly groupBy: readonly GroupKey[]
}

/** Throws MatrixError M_BAD_JSON for filters of wrong types. */
export function readRequest(query: MessagesQuery): MessageRequest {
  const filter: EventFilter = readEventFilter(query.filter ?? {})
  const keys = new Set(query.keys ?? searchedKeys.values())
  return {
    wish: readWish(query.search_term),
    types: new Set([...searchedKeys].filter(([, key]) => keys.has(key)).map(([type]) => type)),
    order: query.order_by ?? 'rank',
    limit: limitOf(filter.limit ?? messageLimits.resultsUsual, 1, messageLimits.resultsMax),
    rooms: readRooms(query.filter, 'rooms'),
    notRooms: readRooms(query.filter, 'not_rooms') ?? new Set(),
    passes: compileEventFilter(filter),
    context: readContext(query.event_context),
    hasState: query.include_state ?? false,
    groupBy: readGroups(query.groupings),
  }
}

function readContext(context: MessagesQuery['event_context']): MessageRequest['context'] {
  if (context === undefined) return undefined
  const { contextUsual, contextMax } = messageLimits
  return {
    before: limitOf(context.before_limit ?? contextUsual, 0, contextMax),
    after: limitOf(context.after_limit ?? contextUsual, 0, contextMax),
    hasProfiles: context.include_profile ?? false,
  }
}

/** Keys that are not known are left out. */
function readGroups(groupings: MessagesQuery['groupings']): GroupKey[] {
  const keys = new Set((groupings?.group_by ?? []).map(({ key }) => key))
  return (['room_id', 'sender'] as const).filter((key) => keys.has(key))
}

function readRooms(filter: JsonObject | undefined, name: 'rooms' | 'not_rooms'): Set<RoomId> | undefined {
  const value = filter?.[name]
  if (value === undefined || value === null) return undefined
  const isList = Array.isArray(value) && value.length <= messageLimits.filterRoomsMax
  if (!isList || !value.every((item) => typeof item === 'string')) {
    const { filterRoomsMax } = messageLimits
    throw new MatrixError('M_BAD_JSON', `"${name}" of the filter must be a list of at most ${filterRoomsMax} strings.`)
  }
  return new Set(value as RoomId[])
}

function limitOf(value: number, min: number, max: number): number {
  return Math.max(min, Math.min(Math.floor(value), max))
}
