/** What follows from a change of state, beside the change itself. */

import type { RoomId } from '@parallax/protocol'
import type { FlowDeps } from './flow-deps.ts'
import { expelGuests } from './guest-access.ts'

/** Call when a user of ours has set, or redacted, state of this type with an empty state key. */
export async function afterState(deps: FlowDeps, roomId: RoomId, type: string): Promise<void> {
  if (type !== 'm.room.guest_access') return
  const info = await deps.rooms.findRoom(roomId)
  if (info !== undefined) await expelGuests(deps, info)
}
