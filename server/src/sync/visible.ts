/** Which events of a timeline one viewer gets: history visibility, then ignored users. */

import { headerOf, type StoredEvent } from '../rooms/index.ts'
import type { SyncDeps } from './sync-deps.ts'
import type { Place, SyncView } from './view.ts'

export interface VisibleEvents {
  /** Those that the viewer may see and does not ignore, in the same order. */
  filter(view: SyncView, room: number, place: Place, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]>
}

export function createVisibleEvents({ rooms }: Pick<SyncDeps, 'rooms'>): VisibleEvents {
  async function seen(view: SyncView, room: number, place: Place, events: readonly StoredEvent[]) {
    const { userId } = view.caller
    const visible =
      place.membership === 'join'
        ? await rooms.filterForMember(room, { userId, since: place.position }, events)
        : await rooms.filterVisible(room, userId, events)
    if (visible.length === events.length) return events
    const isSeen = new Set(visible.map((event) => event.event))
    // One's own membership is told in any case: a rejected invite, a kick, a ban.
    return events.filter((event) => isSeen.has(event.event) || event.event === place.event)
  }

  return {
    async filter(view, room, place, events) {
      if (events.length === 0) return events
      const visible = await seen(view, room, place, events)
      return view.ignored.size === 0 ? visible : visible.filter((event) => !isIgnored(view, event))
    },
  }
}

/** State changes are told even from ignored users. Spec: client-server-api#ignoring-users. */
function isIgnored({ ignored, caller }: SyncView, event: StoredEvent): boolean {
  if (event.slot !== null) return false
  const { sender } = headerOf(event)
  return ignored.has(sender) && sender !== caller.userId
}
