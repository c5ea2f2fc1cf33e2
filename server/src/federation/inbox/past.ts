/**
 * Which events of a gap are from a time before this server entered the room: its past, which is read back, and no news.
 * What counts now says nothing of them.
 */

import type { EventId } from '@parallax/protocol'
import type { Arriving, RoomEntry } from '../../rooms/index.ts'
import { inGraphOrder } from './arriving-row.ts'
import type { Gap } from './gap.ts'
import type { InboxDeps } from './inbox-deps.ts'

type Time = 'past' | 'since'

/**
 * Those of the pool, but never the one that was sent. An event belongs to the time since the entry if it follows one
 * that does; where it is not known what it follows, its depth is believed.
 */
export async function listPast(
  deps: InboxDeps,
  { room }: Gap,
  pool: ReadonlyMap<EventId, Arriving>,
  sent: EventId,
): Promise<ReadonlySet<EventId>> {
  const entry = await deps.rooms.findEntry(room.room)
  if (entry === undefined) return new Set()
  const times = await timesOfKnown(deps, pool, entry)
  for (const { event } of inGraphOrder(pool.values())) {
    const before = event.prevEvents.map((id) => times.get(id))
    const isUntold = before.includes(undefined) && event.depth > entry.depth
    const isSince = event.eventId === sent || before.includes('since') || isUntold
    times.set(event.eventId, isSince ? 'since' : 'past')
  }
  return new Set([...pool.keys()].filter((id) => times.get(id) === 'past'))
}

/** Of events with a place in the timeline that those of the pool follow. */
async function timesOfKnown(
  { rooms }: InboxDeps,
  pool: ReadonlyMap<EventId, Arriving>,
  entry: RoomEntry,
): Promise<Map<EventId, Time>> {
  const outside = new Set([...pool.values()].flatMap(({ event }) => event.prevEvents).filter((id) => !pool.has(id)))
  const times = new Map<EventId, Time>()
  for (const { eventId, stream } of await rooms.listEventsById([...outside])) {
    if (stream !== null) times.set(eventId, stream < entry.place ? 'past' : 'since')
  }
  return times
}
