/** One event, alone or between its neighbours. Spec: client-server-api#get_matrixclientv3roomsroomidcontexteventid. */

import type { EventId, RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { StoredEvent } from '../rooms.ts'
import { tokenOf } from '../token.ts'
import { compileEventFilter, type EventFilter } from './event-filter.ts'
import { headerOf } from './event-header.ts'
import { requireReadable } from './readable.ts'
import { renderEvents } from './render-events.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

const CONTEXT_MAX = 100

/** JSON text of the event. Throws MatrixError M_NOT_FOUND if it is unknown or hidden from the caller. */
export async function showEvent(deps: ViewDeps, caller: ViewCaller, roomId: RoomId, eventId: EventId): Promise<string> {
  const event = await requireVisible(deps, caller, roomId, eventId)
  const viewer = { user: caller.user, device: caller.deviceId }
  const [text] = await renderEvents(deps.rooms, viewer, [event], { nowMs: deps.clock.nowMs(), withRoomId: true })
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
  const state = await stateOf(deps, last, query.filter.lazyLoadMembers ? [event, ...before, ...after] : undefined)
  const viewer = { user: caller.user, device: caller.deviceId }
  const render = async (events: readonly StoredEvent[]) =>
    `[${(await renderEvents(deps.rooms, viewer, events, { nowMs: deps.clock.nowMs(), withRoomId: true })).join(',')}]`
  const start = tokenOf((before.at(-1) ?? event).stream! - 1)
  const one = (await render([event])).slice(1, -1)
  return (
    `{"start":"${start}","end":"${tokenOf(last.stream!)}","event":${one},"events_before":${await render(before)},` +
    `"events_after":${await render(after)},"state":${await render(state)}}`
  )
}

async function requireVisible(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  eventId: EventId,
): Promise<StoredEvent> {
  const { info } = await requireReadable(deps.rooms, roomId, caller)
  const event = await deps.rooms.findEvent(eventId)
  const isHere = event !== undefined && event.room === info.room && event.outcome === 0 && event.stream !== null
  const [visible] = isHere ? await deps.rooms.filterVisible(info.room, caller.userId, [event]) : []
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
  const events = await deps.rooms.listTimeline(event.room, { ...range, direction, limit })
  const visible = await deps.rooms.filterVisible(event.room, caller.userId, events)
  const passes = compileEventFilter(filter)
  return passes === undefined ? visible : visible.filter(passes)
}

/** The state before this event; with `about` only the members who sent those events, and no other members. */
async function stateOf(
  deps: ViewDeps,
  at: StoredEvent,
  about: readonly StoredEvent[] | undefined,
): Promise<StoredEvent[]> {
  if (at.snapshot === 0) return []
  const entries = await deps.rooms.listState(at.snapshot)
  const events = await deps.rooms.listEvents(entries.map((entry) => entry.event))
  if (about === undefined) return events
  const senders = new Set<string>(about.map((event) => headerOf(event).sender))
  return events.filter((event) => {
    const { type, stateKey } = headerOf(event)
    return type !== 'm.room.member' || (stateKey !== undefined && senders.has(stateKey))
  })
}
