/** What one user gets of a room: visible history without ignored users. Spec: client-server-api#ignoring-users. */

import type { UserId } from '@parallax/protocol'
import type { RoomReads, StoredEvent } from '../rooms.ts'

type ShownReads = Pick<RoomReads, 'filterVisible' | 'listIgnored'>

/** Those of the events of one room that the viewer gets, in the same order; changes of state from ignored users too. */
export async function filterShown(
  rooms: ShownReads,
  viewer: { readonly user: number; readonly userId: UserId },
  room: number,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  const visible = await rooms.filterVisible(room, viewer.userId, events)
  const ignored = await rooms.listIgnored(viewer.user)
  return ignored.size === 0 ? visible : visible.filter(({ slot, sender }) => slot !== null || !ignored.has(sender))
}
