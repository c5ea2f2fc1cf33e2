/** Threads that a user follows: they must be of a room that the user can read. Spec: msc4306. */

import { type EventId, isJsonObject, type RoomId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Caller } from '../users/index.ts'
import type { AccountDeps } from './account-deps.ts'

export type ThreadPlace = { readonly roomId: RoomId; readonly root: EventId }

/** Throws MatrixError M_NOT_FOUND if the thread is unknown or not followed. */
export async function showThread(deps: AccountDeps, caller: Caller, place: ThreadPlace): Promise<object> {
  const room = await requireThread(deps, caller, place)
  const known = await deps.users.findThread(caller.user, room, place.root)
  if (known === undefined || known.mode === 'none') {
    throw new MatrixError('M_NOT_FOUND', 'You do not follow this thread.')
  }
  return { automatic: known.mode === 'automatic' }
}

/**
 * `cause`: the event of the thread for which a client does it by itself. Throws MatrixError M_NOT_FOUND, M_TOO_LARGE,
 * IO.ELEMENT.MSC4306.M_NOT_IN_THREAD, IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION (status 409).
 */
export async function followThread(
  deps: AccountDeps,
  caller: Caller,
  place: ThreadPlace,
  cause: EventId | undefined,
): Promise<void> {
  const room = await requireThread(deps, caller, place)
  const { root } = place
  const position = cause === undefined ? undefined : await requireInThread(deps, caller, place, cause)
  await deps.users.followThread(caller.user, { room, root, cause: position })
}

/** Throws MatrixError M_NOT_FOUND, M_TOO_LARGE. */
export async function leaveThread(deps: AccountDeps, caller: Caller, place: ThreadPlace): Promise<void> {
  await deps.users.leaveThread(caller.user, { room: await requireThread(deps, caller, place), root: place.root })
}

/** The room's number. */
async function requireThread(deps: AccountDeps, caller: Caller, { roomId, root }: ThreadPlace): Promise<number> {
  await deps.roomViews.event(caller, roomId, root)
  const [room] = await deps.names.find([roomId])
  return room!
}

/** Where the event stands in the room's timeline. */
async function requireInThread(
  { rooms, roomViews }: AccountDeps,
  caller: Caller,
  { roomId, root }: ThreadPlace,
  cause: EventId,
): Promise<number> {
  const { content } = JSON.parse(await roomViews.event(caller, roomId, cause))
  const relation = isJsonObject(content) ? content['m.relates_to'] : undefined
  if (!isJsonObject(relation) || relation.rel_type !== 'm.thread' || relation.event_id !== root) {
    throw new MatrixError('IO.ELEMENT.MSC4306.M_NOT_IN_THREAD', 'This event is not in the thread.')
  }
  return (await rooms.findEvent(cause))?.stream ?? 0
}
