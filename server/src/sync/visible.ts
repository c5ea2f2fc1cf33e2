/** Which events of a timeline one viewer gets: history visibility with a fast path, then ignored users. */

import { readHistoryVisibility, stateKeyOf } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import { contentText, headerOf, type StoredEvent } from '../rooms/index.ts'
import { syncLimits } from './limits.ts'
import type { SyncDeps } from './sync-deps.ts'
import type { Place, SyncView } from './view.ts'

export interface VisibleEvents {
  /** Those that the viewer may see and does not ignore, in the same order. */
  filter(view: SyncView, room: number, place: Place, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]>
}

/** Was a room never anything but shared or world-readable? Known up to its newest history-visibility event. */
type Openness = { readonly visibilityEvent: string | undefined; readonly wasAlwaysShared: boolean }

const sharedMeanings: ReadonlySet<string> = new Set(['shared', 'world_readable'])

export function createVisibleEvents({ rooms, names }: Pick<SyncDeps, 'rooms' | 'names'>): VisibleEvents {
  const openness = new Lru<number, Openness>(syncLimits.heroRoomsMax)

  async function wasAlwaysShared(room: number): Promise<boolean> {
    const now = await rooms.findStateEvent(room, 'm.room.history_visibility', '')
    const known = openness.get(room)
    if (known !== undefined && known.visibilityEvent === now?.eventId) return known.wasAlwaysShared
    const [slot] = await names.find([stateKeyOf('m.room.history_visibility', '')])
    const history = slot === undefined ? [] : await rooms.listSlotHistory(room, slot)
    const isShared = history.every((event) => sharedMeanings.has(readHistoryVisibility(JSON.parse(contentText(event)))))
    openness.set(room, { visibilityEvent: now?.eventId, wasAlwaysShared: isShared })
    return isShared
  }

  async function seen(view: SyncView, room: number, place: Place, events: readonly StoredEvent[]) {
    if (place.membership === 'join') {
      // Everything from one's own join on: the member event itself shows one as joined.
      if (events.every((event) => event.stream! >= place.position)) return events
      if (await wasAlwaysShared(room)) return events
    }
    const visible = await rooms.filterVisible(room, view.caller.userId, events)
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
