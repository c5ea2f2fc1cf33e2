/** The events of one resolution as a graph of small integers: each ID is hashed once, the rest are array accesses. */

import type { RoomEvent } from '../event/room-event.ts'
import type { EventId } from '../ids.ts'
import type { StateEvents } from './state-events.ts'

export interface EventGraph {
  /** The event's number; a new one for an ID never seen. */
  indexOf(id: EventId): number
  idOf(index: number): EventId
  /** The event, or undefined; what is neither at hand nor lost is remembered as missing. */
  eventAt(index: number): RoomEvent | undefined
  /** Numbers of the event's auth events; none for an event that is not at hand. */
  authOf(index: number): readonly number[]
  isRejected(index: number): boolean
  /** The number of the power levels among the event's auth events. */
  powerLevelsOf(index: number): number | undefined
  /** The number of the event of this type and state key among the event's auth events. */
  citedBy(index: number, type: string, stateKey: string): number | undefined
  /** What was asked for and is neither at hand nor lost, in the order of its IDs. */
  missing(): EventId[]
}

const noEdges: readonly number[] = []

/** An empty graph that grows as it is asked. */
export function createEventGraph(events: StateEvents): EventGraph {
  const indexes = new Map<EventId, number>()
  const ids: EventId[] = []
  const loaded: (RoomEvent | undefined | null)[] = []
  const edges: (readonly number[] | undefined)[] = []
  const missing = new Set<EventId>()

  const indexOf = (id: EventId): number => {
    const known = indexes.get(id)
    if (known !== undefined) return known
    indexes.set(id, ids.length)
    loaded.push(null)
    edges.push(undefined)
    return ids.push(id) - 1
  }
  const eventAt = (index: number): RoomEvent | undefined => {
    const known = loaded[index]
    if (known !== null) return known
    const id = ids[index]!
    const event = events.get(id)
    if (event === undefined && !events.isLost?.(id)) missing.add(id)
    loaded[index] = event
    return event
  }
  const authOf = (index: number): readonly number[] => {
    const known = edges[index]
    if (known !== undefined) return known
    const found = eventAt(index)?.authEvents.map(indexOf) ?? noEdges
    edges[index] = found
    return found
  }
  const citedBy = (index: number, type: string, stateKey: string): number | undefined => {
    for (const cited of authOf(index)) {
      const event = eventAt(cited)
      if (event?.type === type && event.stateKey === stateKey) return cited
    }
    return undefined
  }
  return {
    indexOf,
    idOf: (index) => ids[index]!,
    eventAt,
    authOf,
    isRejected: (index) => events.isRejected?.(ids[index]!) ?? false,
    powerLevelsOf: (index) => citedBy(index, 'm.room.power_levels', ''),
    citedBy,
    missing: () => [...missing].sort(),
  }
}
