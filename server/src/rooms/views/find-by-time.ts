/** The event nearest to a time. Spec: client-server-api#get_matrixclientv1roomsroomidtimestamp_to_event. */

import type { EventId, RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { StoredEvent } from '../rooms.ts'
import { requireReadable } from './readable.ts'
import { filterShown } from './shown.ts'
import type { TimeQuery, ViewCaller, ViewDeps } from './view.ts'

/** Events that are looked at for one that the caller may see: in all, and at once. */
const LOOKED_MAX = 1_000
const PAGE = 50
/** How often, and how long, ms, other servers are asked for more of the history until a nearer event is here. */
const FILLED_MAX = 10
const FILLING_MS = 15_000

/** Throws MatrixError M_FORBIDDEN, M_NOT_FOUND. */
export async function findByTime(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  query: TimeQuery,
): Promise<{ event_id: EventId; origin_server_ts: number }> {
  const { info, member } = await requireReadable(deps.rooms, roomId, caller)
  const here = await findHere(deps, caller, info.room, query)
  const isFuller = member?.membership === 'join' && (await fillNear(deps, info.room, query, here))
  const nearest = isFuller ? await findHere(deps, caller, info.room, query) : here
  if (nearest !== undefined) return { event_id: nearest.eventId, origin_server_ts: nearest.ts }
  throw new MatrixError('M_NOT_FOUND', `There is no event ${query.direction === 'f' ? 'after' : 'before'} this time.`)
}

async function findHere(
  { rooms }: ViewDeps,
  caller: ViewCaller,
  room: number,
  { ts, direction }: TimeQuery,
): Promise<StoredEvent | undefined> {
  for (let skipped = 0; skipped < LOOKED_MAX; skipped += PAGE) {
    const events = await rooms.listByTime(room, { ts, direction, skip: skipped, limit: PAGE })
    const [nearest] = await filterShown(rooms, caller, room, events)
    if (nearest !== undefined) return nearest
    if (events.length < PAGE) break
  }
  return undefined
}

/** Where history is missing and others know of a nearer event: asks for history until it is here. True if some came. */
async function fillNear(
  { rooms, clock, fillHistory, askByTime }: ViewDeps,
  room: number,
  query: TimeQuery,
  here: StoredEvent | undefined,
): Promise<boolean> {
  let gap = await rooms.findGap(room)
  if (gap === undefined || fillHistory === undefined || askByTime === undefined) return false
  const told = await askByTime(room, query)
  if (told === undefined || (here !== undefined && Math.abs(here.ts - query.ts) <= Math.abs(told.ts - query.ts))) {
    return false
  }
  let isFuller = false
  const untilMs = clock.nowMs() + FILLING_MS
  for (let nth = 0; nth < FILLED_MAX && gap !== undefined && clock.nowMs() < untilMs; nth++) {
    if ((await rooms.findEvent(told.eventId))?.stream != null) break
    const filled = await fillHistory(room, gap)
    if (filled === 'filled') isFuller = true
    gap = await rooms.findGap(room, filled === 'none' ? gap - 1 : undefined)
  }
  return isFuller
}
