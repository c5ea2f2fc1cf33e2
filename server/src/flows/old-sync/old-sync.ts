/**
 * How clients followed rooms before /sync: told out of what /sync and the views of rooms say. What is left of it is
 * looking into rooms that one is not in. Spec: client-server-api#room-previews.
 */

import type { EventId, RoomId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import type { Caller } from '../../users/index.ts'
import { createPeeking, type PeekQuery, snapshotOfRoom } from './of-room.ts'
import { listenToAll, snapshotOfAll } from './of-sync.ts'
import type { OldSyncDeps } from './old-sync-deps.ts'

export interface OldSync {
  /** State, newest messages and the caller's data of one room. Throws M_FORBIDDEN. */
  room(caller: Caller, roomId: RoomId, limit: number): Promise<object>
  /** The same of all rooms. */
  all(caller: Caller, query: { readonly limit: number; readonly isArchivedWanted: boolean }): Promise<object>
  /** What comes after a token, in one room or in all. Throws M_FORBIDDEN, M_INVALID_PARAM, M_LIMIT_EXCEEDED. */
  listen(
    caller: Caller,
    query: PeekQuery & { readonly roomId?: RoomId | undefined },
    signal: AbortSignal,
  ): Promise<object>
  /** JSON text. Throws M_NOT_FOUND. */
  event(caller: Caller, eventId: EventId): Promise<string>
}

export function createOldSync(deps: OldSyncDeps): OldSync {
  const peeking = createPeeking(deps)
  return {
    room: (caller, roomId, limit) => snapshotOfRoom(deps, caller, roomId, limit),
    all: (caller, query) => snapshotOfAll(deps, caller, query),
    listen: (caller, query, signal) =>
      query.roomId === undefined
        ? listenToAll(deps, requireUser(caller), query, signal)
        : peeking.listen(caller, query.roomId, query, signal),
    async event(caller, eventId) {
      const event = await deps.rooms.findEvent(eventId)
      const [roomId] = event === undefined ? [] : await deps.names.texts([event.room])
      if (roomId === undefined) throw new MatrixError('M_NOT_FOUND', `There is no event ${eventId} that you may see.`)
      return deps.roomViews.event(caller, roomId as RoomId, eventId)
    },
  }
}

/** Guests look into one room at a time: client-server-api#guest-access. */
function requireUser(caller: Caller): Caller {
  if (caller.isGuest) throw new MatrixError('M_GUEST_ACCESS_FORBIDDEN', 'Guests name the room that they look into.')
  return caller
}
