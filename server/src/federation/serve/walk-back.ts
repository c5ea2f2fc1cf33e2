/** Walks of the graph from events to those before them, the deepest first; bounded. */

import type { EventId, JsonValue } from '@parallax/protocol'
import type { Rooms, StoredEvent } from '../../rooms/index.ts'
import { federationLimits } from '../limits.ts'

export type Walk = {
  readonly starts: readonly EventId[]
  readonly limit: number
  /** The walk does not go on from what this answers false for, nor tells it. */
  readonly enters: (event: StoredEvent) => boolean
}

/** Events of the room with a place in its graph, the starts among them, deepest first. */
export async function walkBack(rooms: Rooms, room: number, { starts, limit, enters }: Walk): Promise<StoredEvent[]> {
  const seen = new Set<EventId>()
  const open: StoredEvent[] = []
  const found: StoredEvent[] = []
  const add = async (ids: readonly EventId[]) => {
    const fresh = ids.filter((id) => !seen.has(id))
    for (const id of fresh) seen.add(id)
    if (fresh.length === 0) return
    for (const event of await rooms.listEventsById(fresh)) {
      // Accepted or soft-failed: rejected events and outliers have nothing to say here.
      if (event.room === room && event.outcome < 2 && enters(event)) open.push(event)
    }
    open.sort((a, b) => a.depth - b.depth || a.event - b.event)
  }
  await add(starts.slice(0, federationLimits.startsMax))
  while (found.length < limit && seen.size < federationLimits.walkedMax) {
    const next = open.pop()
    if (next === undefined) break
    found.push(next)
    await add(prevEventsOf(next))
  }
  return found
}

/** The events that a stored one follows. */
export function prevEventsOf({ rest }: StoredEvent): EventId[] {
  const { prev_events: references } = JSON.parse(`{${rest}}`) as { prev_events: JsonValue[] }
  // Versions 1–2: pairs of an ID and hashes.
  return references.map((reference) => (Array.isArray(reference) ? reference[0] : reference) as EventId)
}
