/** The event nearest to a time. Spec: client-server-api#get_matrixclientv1roomsroomidtimestamp_to_event. */

import type { RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { requireReadable } from './readable.ts'
import { filterShown } from './shown.ts'
import type { ViewCaller, ViewDeps } from './view.ts'

export type TimeQuery = { readonly ts: number; readonly direction: 'b' | 'f' }

/** Events that are looked at for one that the caller may see: in all, and at once. */
const LOOKED_MAX = 1_000
const PAGE = 50

/** Throws MatrixError M_FORBIDDEN, M_NOT_FOUND. */
export async function findByTime(
  deps: ViewDeps,
  caller: ViewCaller,
  roomId: RoomId,
  { ts, direction }: TimeQuery,
): Promise<object> {
  const { info } = await requireReadable(deps.rooms, roomId, caller)
  for (let skipped = 0; skipped < LOOKED_MAX; skipped += PAGE) {
    const events = await deps.rooms.listByTime(info.room, { ts, direction, skip: skipped, limit: PAGE })
    const [nearest] = await filterShown(deps.rooms, caller, info.room, events)
    if (nearest !== undefined) return { event_id: nearest.eventId, origin_server_ts: nearest.ts }
    if (events.length < PAGE) break
  }
  throw new MatrixError('M_NOT_FOUND', `There is no event ${direction === 'f' ? 'after' : 'before'} this time.`)
}
