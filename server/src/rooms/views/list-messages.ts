/** Pages of a room's timeline. Spec: client-server-api#get_matrixclientv3roomsroomidmessages. */

import { type RoomId, stateKeyOf } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import type { StoredEvent } from '../rooms.ts'
import { parseToken, tokenOf } from '../token.ts'
import { compileEventFilter, type EventFilter } from './event-filter.ts'
import { headerOf } from './event-header.ts'
import { type Readable, requireReadable } from './readable.ts'
import { renderEvents } from './render-events.ts'
import { scanTimeline } from './scan-timeline.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

export type MessagesQuery = {
  readonly from: string | undefined
  readonly to: string | undefined
  /** Required, which is told only to those who may read the room. */
  readonly direction: 'b' | 'f' | undefined
  readonly limit: number
  readonly filter: EventFilter
}

const PAGE_MAX = 1000

/** Positions: `after` and `before` are exclusive. */
type Range = { readonly after: Position; readonly before: Position }
type Page = { readonly events: readonly StoredEvent[]; readonly end: Position | undefined }

/** JSON text of the reply. Throws MatrixError M_FORBIDDEN, M_MISSING_PARAM, M_INVALID_PARAM. */
export async function listMessages(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  query: MessagesQuery,
): Promise<string> {
  const readable = await requireReadable(deps.rooms, roomId, caller)
  if (query.direction === undefined) throw new MatrixError('M_MISSING_PARAM', 'Missing: dir.')
  const newest = readable.until ?? deps.journal.committed()
  const from = query.from === undefined ? undefined : parseToken(query.from)
  const range = rangeOf(query, from, newest)
  const page = await readOrFill(deps, caller, readable, range, query)
  const options = { nowMs: deps.clock.nowMs(), withRoomId: true }
  const chunk = await renderEvents(deps.rooms, caller, page.events, options)
  const start = query.from ?? tokenOf(query.direction === 'b' ? newest : Math.min(0, startOf(page)))
  let text = `{"start":${JSON.stringify(start)},"chunk":[${chunk.join(',')}]`
  if (page.end !== undefined) text += `,"end":"${tokenOf(page.end)}"`
  if (!query.filter.lazyLoadMembers) return `${text}}`
  const members = await listSenders(deps, readable.snapshot, page.events)
  const state = await renderEvents(deps.rooms, caller, members, { ...options, withReplaced: false })
  return `${text},"state":[${state.join(',')}]}`
}

/** A token stands after the event of its position. */
function rangeOf({ direction, to }: MessagesQuery, from: Position | undefined, newest: Position): Range {
  const stop = to === undefined ? undefined : parseToken(to)
  if (direction === 'b') return { after: stop ?? Number.MIN_SAFE_INTEGER, before: Math.min(from ?? newest, newest) + 1 }
  return { after: from ?? Number.MIN_SAFE_INTEGER, before: Math.min(stop ?? newest, newest) + 1 }
}

/** Before the first event of the page: backfilled events stand below zero. */
function startOf({ events }: Page): Position {
  return (events[0]?.stream ?? 1) - 1
}

/** Where the page reaches beyond an event before which others are missing, other servers are asked for them, once. */
async function readOrFill(
  deps: ViewDeps,
  caller: ViewCaller,
  { info, member }: Readable,
  range: Range,
  query: MessagesQuery,
): Promise<Page> {
  const page = await readPage(deps, caller, info.room, range, query)
  if (query.direction !== 'b' || query.to !== undefined || member?.membership !== 'join') return page
  const gap = await deps.rooms.findGap(info.room, range.before)
  if (gap === undefined || !isBeyond(page, gap)) return page
  const filled = (await deps.fillHistory?.(info.room, gap)) ?? 'none'
  if (filled === 'none') return page
  const fuller = await readPage(deps, caller, info.room, range, query)
  const left = await deps.rooms.findGap(info.room, range.before)
  if (left === undefined || !isBeyond(fuller, left)) return fuller
  // More is missing: the next request goes on from there, and asks for more or learns that nobody tells it.
  return { events: fuller.events.filter((event) => event.stream! >= left), end: left - 1 }
}

function isBeyond({ events, end }: Page, gap: Position): boolean {
  return end === undefined || (events.at(-1)?.stream ?? gap) < gap
}

async function readPage(
  deps: ViewDeps,
  caller: ViewCaller,
  room: number,
  range: Range,
  query: MessagesQuery,
): Promise<Page> {
  const direction = query.direction === 'b' ? 'backwards' : 'forwards'
  const limit = Math.min(query.limit, PAGE_MAX)
  const place = direction === 'backwards' ? range.before - 1 : range.after
  if (limit === 0) return { events: [], end: place }
  const passes = compileEventFilter(query.filter)
  const { events, end } = await scanTimeline(deps.rooms, caller, room, { ...range, direction, limit, passes })
  if (end !== undefined || query.to === undefined || events.length === 0) return { events, end }
  // The walk ended where the client wanted it to end: the timeline may go on there.
  return { events, end: direction === 'backwards' ? range.after : range.before - 1 }
}

/** Member events of the senders, as of the state that the viewer sees. */
async function listSenders(deps: ViewDeps, snapshot: number, events: readonly StoredEvent[]): Promise<StoredEvent[]> {
  const senders = [...new Set(events.map((event) => headerOf(event).sender))]
  const slots = await deps.names.find(senders.map((sender) => stateKeyOf('m.room.member', sender)))
  const known = slots.filter((slot) => slot !== undefined)
  const numbers = await deps.rooms.findState(snapshot, known)
  return deps.rooms.listEvents(numbers.filter((number) => number !== undefined))
}
