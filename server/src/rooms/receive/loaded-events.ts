/** Events of one room, loaded when they are asked for and kept for one task. */

import type { EventId, RoomEvent, RoomId, RoomRules } from '@parallax/protocol'
import type { Reader } from '../../store/index.ts'
import { listEvents, listEventsById } from '../event-table.ts'
import { toRoomEvent } from '../heads.ts'
import type { StoredEvent } from '../rooms.ts'

/** `stored` is undefined for the event that is being received. */
export type LoadedEvent = {
  readonly number: number
  readonly event: RoomEvent
  readonly isRejected: boolean
  readonly stored: StoredEvent | undefined
}

export interface LoadedEvents {
  /** What is loaded. */
  byId(id: EventId): LoadedEvent | undefined
  byNumber(number: number): LoadedEvent | undefined
  /** True if it was asked for and is not stored. */
  isLost(id: EventId): boolean
  load(numbers: Iterable<number>): Promise<void>
  loadById(ids: Iterable<EventId>): Promise<void>
  /** Adds one that is not stored yet. */
  add(loaded: LoadedEvent): void
}

type Room = { readonly room: number; readonly roomId: RoomId; readonly rules: RoomRules }

export function createLoadedEvents(reader: Reader, { room, roomId, rules }: Room): LoadedEvents {
  const ids = new Map<EventId, LoadedEvent>()
  const numbers = new Map<number, LoadedEvent>()
  const lost = new Set<EventId>()
  const add = (loaded: LoadedEvent) => {
    ids.set(loaded.event.eventId, loaded)
    numbers.set(loaded.number, loaded)
  }
  const addStored = (rows: readonly StoredEvent[]) => {
    for (const stored of rows) {
      // An ID may be given of an event of another room: it is none that this one knows.
      if (stored.room !== room || ids.has(stored.eventId)) continue
      const event = toRoomEvent(rules, roomId, stored)
      add({ number: stored.event, event, isRejected: stored.outcome === 2, stored })
    }
  }
  return {
    add,
    byId: (id) => ids.get(id),
    byNumber: (number) => numbers.get(number),
    isLost: (id) => lost.has(id),
    async load(wanted) {
      const missing = [...new Set(wanted)].filter((number) => !numbers.has(number))
      if (missing.length > 0) addStored(await listEvents(reader, missing))
    },
    async loadById(wanted) {
      const missing = [...new Set(wanted)].filter((id) => !ids.has(id) && !lost.has(id))
      if (missing.length === 0) return
      addStored(await listEventsById(reader, missing))
      for (const id of missing) if (!ids.has(id)) lost.add(id)
    },
  }
}
