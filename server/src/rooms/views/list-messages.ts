/** Pages of a room's timeline. Spec: client-server-api#get_matrixclientv3roomsroomidmessages. */

import { type RoomId, stateKeyOf } from '@parallax/protocol'
import type { Position } from '../../journal/index.ts'
import type { StoredEvent } from '../rooms.ts'
import { parseToken, tokenOf } from '../token.ts'
import { compileEventFilter, type EventFilter } from './event-filter.ts'
import { headerOf } from './event-header.ts'
import { requireReadable } from './readable.ts'
import { renderEvents } from './render-events.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

export type MessagesQuery = {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly direction: 'b' | 'f'
  readonly limit: number
  readonly filter: EventFilter
}

const PAGE_MAX = 1000
/** Events that are looked at for one page where a filter or the history visibility hides most of them. */
const SCAN_MAX = 5000

type Page = { readonly events: StoredEvent[]; readonly end: Position | undefined }

/** JSON text of the reply. Throws MatrixError M_FORBIDDEN, M_INVALID_PARAM. */
export async function listMessages(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  query: MessagesQuery,
): Promise<string> {
  const readable = await requireReadable(deps.rooms, roomId, caller)
  const newest = readable.until ?? deps.journal.committed()
  const backwards = query.direction === 'b'
  const start = query.from === undefined ? (backwards ? newest : Number.MIN_SAFE_INTEGER) : parseToken(query.from)
  const stop = query.to === undefined ? undefined : parseToken(query.to)
  const range = backwards
    ? { after: stop ?? Number.MIN_SAFE_INTEGER, before: Math.min(start, newest) + 1 }
    : { after: start, before: Math.min(stop ?? newest, newest) + 1 }
  const page = await collectPage(deps, caller, readable.info.room, range, query)
  const options = { nowMs: deps.clock.nowMs(), withRoomId: true }
  const viewer = { user: caller.user, device: caller.deviceId }
  const chunk = await renderEvents(deps.rooms, viewer, page.events, options)
  const members = query.filter.lazyLoadMembers ? await listSenders(deps, readable.snapshot, page.events) : []
  const state = await renderEvents(deps.rooms, viewer, members, options)
  const end = page.end === undefined ? '' : `,"end":"${tokenOf(page.end)}"`
  const stateText = query.filter.lazyLoadMembers ? `,"state":[${state.join(',')}]` : ''
  const from = query.from ?? tokenOf(backwards ? newest : 0)
  return `{"start":${JSON.stringify(from)},"chunk":[${chunk.join(',')}]${end}${stateText}}`
}

async function collectPage(
  deps: ViewDeps,
  caller: ViewCaller,
  room: number,
  range: { after: Position; before: Position },
  query: MessagesQuery,
): Promise<Page> {
  const limit = Math.max(1, Math.min(query.limit, PAGE_MAX))
  const passes = compileEventFilter(query.filter)
  const backwards = query.direction === 'b'
  const events: StoredEvent[] = []
  let { after, before } = range
  for (let scanned = 0; scanned < SCAN_MAX; ) {
    const direction = backwards ? 'backwards' : 'forwards'
    const batch = await deps.rooms.listTimeline(room, { after, before, direction, limit })
    const visible = await deps.rooms.filterVisible(room, caller.userId, batch)
    for (const event of visible) {
      if (passes !== undefined && !passes(event)) continue
      events.push(event)
      if (events.length === limit) return { events, end: endAt(event, backwards) }
    }
    const last = batch.at(-1)
    if (batch.length < limit || last === undefined) return { events, end: undefined }
    scanned += batch.length
    if (backwards) before = last.stream!
    else after = last.stream!
  }
  return { events, end: backwards ? before - 1 : after }
}

/** The token after (or, going backwards, before) the last event of a page. */
function endAt(event: StoredEvent, backwards: boolean): Position {
  return backwards ? event.stream! - 1 : event.stream!
}

/** Member events of the senders, as of the state that the viewer sees. */
async function listSenders(deps: ViewDeps, snapshot: number, events: readonly StoredEvent[]): Promise<StoredEvent[]> {
  const senders = [...new Set(events.map((event) => headerOf(event).sender))]
  const slots = await deps.names.find(senders.map((sender) => stateKeyOf('m.room.member', sender)))
  const known = slots.filter((slot) => slot !== undefined)
  const numbers = await deps.rooms.findState(snapshot, known)
  return deps.rooms.listEvents(numbers.filter((number) => number !== undefined))
}
