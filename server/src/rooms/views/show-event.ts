/** One event, alone or between its neighbours. Spec: client-server-api#get_matrixclientv3roomsroomidcontexteventid. */

import type { EventId, RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { StoredEvent } from '../rooms.ts'
import { tokenOf } from '../token.ts'
import { compileEventFilter, type EventFilter } from './event-filter.ts'
import { headerOf } from './event-header.ts'
import { findReadable } from './readable.ts'
import { renderEvents } from './render-events.ts'
import { scanTimeline } from './scan-timeline.ts'
import { filterShown } from './shown.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

const CONTEXT_MAX = 100

/** JSON text of the event. Throws MatrixError M_NOT_FOUND if it is unknown or hidden from the caller. */
export async function showEvent(deps: ViewDeps, caller: ViewCaller, roomId: RoomId, eventId: EventId): Promise<string> {
  const event = await requireVisible(deps, caller, roomId, eventId)
  const [text] = await renderEvents(deps.rooms, caller, [event], { nowMs: deps.clock.nowMs(), withRoomId: true })
  return text!
}

export type ContextQuery = { readonly limit: number; readonly filter: EventFilter }

/** JSON text of the event with `limit` neighbours in all, half on each side, and the state at the last of them. */
export async function showContext(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  eventId: EventId,
  query: ContextQuery,
): Promise<string> {
  const event = await requireVisible(deps, caller, roomId, eventId)
  const half = Math.min(Math.max(0, query.limit), CONTEXT_MAX) / 2
  const before = await neighbours(deps, caller, event, 'backwards', Math.ceil(half), query.filter)
  const after = await neighbours(deps, caller, event, 'forwards', Math.floor(half), query.filter)
  const last = after.at(-1) ?? event
  const state = await stateAt(deps, last, query.filter, [event, ...before, ...after])
  const options = { nowMs: deps.clock.nowMs(), withRoomId: true }
  const [one, ...around] = await renderEvents(deps.rooms, caller, [event, ...before, ...after], options)
  const stateTexts = await renderEvents(deps.rooms, caller, state, { ...options, withReplaced: false })
  const start = tokenOf((before.at(-1) ?? event).stream! - 1)
  return (
    `{"start":"${start}","end":"${tokenOf(last.stream!)}","event":${one},` +
    `"events_before":[${around.slice(0, before.length).join(',')}],` +
    `"events_after":[${around.slice(before.length).join(',')}],"state":[${stateTexts.join(',')}]}`
  )
}

export type AroundQuery = { readonly before: number; readonly after: number }

/** The neighbours of an event, nearest first, as JSON texts, and tokens to go on from. */
export type Around = {
  readonly start: string
  readonly end: string
  readonly before: readonly string[]
  readonly after: readonly string[]
  readonly senders: readonly number[]
}

/** What the caller may see of an event's neighbours; the caller may see the event. */
export async function showAround(
  deps: ViewDeps,
  caller: ViewCaller,
  event: StoredEvent,
  query: AroundQuery,
): Promise<Around> {
  const limitOf = (count: number): number => Math.min(Math.max(0, count), CONTEXT_MAX)
  const before = await neighbours(deps, caller, event, 'backwards', limitOf(query.before), {})
  const after = await neighbours(deps, caller, event, 'forwards', limitOf(query.after), {})
  const options = { nowMs: deps.clock.nowMs(), withRoomId: true }
  const texts = await renderEvents(deps.rooms, caller, [...before, ...after], options)
  return {
    start: tokenOf((before.at(-1) ?? event).stream! - 1),
    end: tokenOf((after.at(-1) ?? event).stream!),
    before: texts.slice(0, before.length),
    after: texts.slice(before.length),
    senders: [...before, ...after].map(({ sender }) => sender),
  }
}

/** The event, if it is of this room and the caller may see it. Throws MatrixError M_NOT_FOUND. */
export async function requireVisible(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  eventId: EventId,
): Promise<StoredEvent> {
  const readable = await findReadable(deps.rooms, roomId, caller)
  const event = readable && (await deps.rooms.findEvent(eventId))
  const isHere = event?.room === readable?.info.room && event?.outcome === 0 && event.stream !== null
  const [visible] = isHere ? await filterShown(deps.rooms, caller, event.room, [event]) : []
  if (visible === undefined) throw new MatrixError('M_NOT_FOUND', `There is no event ${eventId} that you may see.`)
  return visible
}

async function neighbours(
  deps: ViewDeps,
  caller: ViewCaller,
  event: StoredEvent,
  direction: 'forwards' | 'backwards',
  limit: number,
  filter: EventFilter,
): Promise<StoredEvent[]> {
  if (limit === 0) return []
  const range = direction === 'forwards' ? { after: event.stream! } : { before: event.stream! }
  const scan = { ...range, direction, limit, passes: compileEventFilter(filter) }
  return (await scanTimeline(deps.rooms, caller, event.room, scan)).events
}

/** The state with this event in it, filtered; lazily loaded, of the members only those who sent the events `shown`. */
async function stateAt(
  deps: ViewDeps,
  at: StoredEvent,
  filter: EventFilter,
  shown: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const entries = at.snapshot === 0 ? [] : await deps.rooms.listState(at.snapshot)
  const numbers = entries.filter(({ slot }) => slot !== at.slot).map((entry) => entry.event)
  const events = await deps.rooms.listEvents(at.slot === null ? numbers : [...numbers, at.event])
  const passes = compileEventFilter(filter)
  const wanted = passes === undefined ? events : events.filter(passes)
  if (filter.lazyLoadMembers !== true) return wanted
  const senders = new Set<string>(shown.map((event) => headerOf(event).sender))
  return wanted.filter((event) => {
    const { type, stateKey } = headerOf(event)
    return type !== 'm.room.member' || (stateKey !== undefined && senders.has(stateKey))
  })
}
