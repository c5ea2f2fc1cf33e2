/** What follows from a change of state, beside the change itself. */

import { type RoomId, serverNameOf, type UserId } from '@parallax/protocol'
import { carrySettings } from './carry-settings.ts'
import type { FlowDeps } from './flow-deps.ts'
import { expelGuests } from './guest-access.ts'

/** Call when a user of ours has set, or redacted, state of this type with an empty state key. */
export async function afterState(deps: FlowDeps, roomId: RoomId, type: string): Promise<void> {
  if (type === 'm.room.guest_access') {
    const info = await deps.rooms.findRoom(roomId)
    if (info !== undefined) await expelGuests(deps, info)
  } else if (type === 'm.room.tombstone') await followTombstone(deps, roomId)
}

/** A room that was replaced by hand: its new room was made, and joined by some, before it knew. */
async function followTombstone(deps: FlowDeps, roomId: RoomId): Promise<void> {
  const info = await deps.rooms.findRoom(roomId)
  const tombstone = info && (await deps.rooms.findStateEvent(info.room, 'm.room.tombstone', ''))
  const replacement = tombstone?.content.replacement_room
  const successor = typeof replacement === 'string' ? await deps.rooms.findRoom(replacement as RoomId) : undefined
  if (info === undefined || successor === undefined) return
  const before = await deps.rooms.listJoinedUsers(info.room)
  const users = [...(await deps.rooms.listJoinedUsers(successor.room))].filter((user) => before.has(user))
  const userIds = (await deps.names.texts(users)) as UserId[]
  for (const [index, user] of users.entries()) {
    if (deps.isLocal(serverNameOf(userIds[index]!))) await carrySettings(deps, user, successor)
  }
}
