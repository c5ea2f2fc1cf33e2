/** What follows from a change of state, beside the change itself. */

import type { RoomId } from '@parallax/protocol'
import { carrySettings } from './carry-settings.ts'
import type { Actor, FlowDeps } from './flow-deps.ts'
import { expelGuests } from './guest-access.ts'

/** Call when the actor has set, or redacted, state of this type with an empty state key. */
export async function afterState(deps: FlowDeps, actor: Actor, roomId: RoomId, type: string): Promise<void> {
  if (type === 'm.room.guest_access') {
    const info = await deps.rooms.findRoom(roomId)
    if (info !== undefined) await expelGuests(deps, info)
  } else if (type === 'm.room.tombstone') await followTombstone(deps, actor, roomId)
}

/** A room that was replaced by hand: its new room was made, and joined, before it knew. */
async function followTombstone(deps: FlowDeps, actor: Actor, roomId: RoomId): Promise<void> {
  const info = await deps.rooms.findRoom(roomId)
  const tombstone = info && (await deps.rooms.findStateEvent(info.room, 'm.room.tombstone', ''))
  const replacement = tombstone?.content.replacement_room
  const successor = typeof replacement === 'string' ? await deps.rooms.findRoom(replacement as RoomId) : undefined
  const member = successor && (await deps.rooms.findMember(successor.room, actor.user))
  if (member?.membership === 'join') await carrySettings(deps, actor, successor!.room, successor!.roomId)
}
