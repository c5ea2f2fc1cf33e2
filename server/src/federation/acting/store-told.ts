/** Storing what a server tells of a room: its state, and the reasons of that. */

import { type EventId, type RoomEvent, type ServerName, topologicalOrder } from '@parallax/protocol'
import type { OutlierRoom } from '../../rooms/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import { checkAllParsed } from '../inbox/gap.ts'
import { federationLimits } from '../limits.ts'

/**
 * Stores what was told, a part at a time: what others rest on first, else in the order given. The next part is checked
 * meanwhile. Answers the servers whose keys cannot be had at the moment: their events are left out, and what rests on
 * them.
 */
export async function storeTold(
  deps: FederationDeps,
  where: OutlierRoom,
  events: readonly RoomEvent[],
): Promise<readonly ServerName[]> {
  const unproven = new Set<ServerName>()
  const told = new Map(events.map((event) => [event.eventId, event]))
  const restsOn = (id: EventId) => told.get(id)!.authEvents.filter((cited) => told.has(cited))
  const ordered = topologicalOrder([...told.keys()], restsOn).map((id) => told.get(id)!)
  const checkFrom = (from: number) => {
    const part = ordered.slice(from, from + federationLimits.toldAtOnce)
    const checked = checkAllParsed(deps, where, part, unproven)
    // Nobody waits for it if the part before it cannot be stored.
    checked.catch(() => undefined)
    return checked
  }
  let checking = checkFrom(0)
  for (let from = 0; from < ordered.length; from += federationLimits.toldAtOnce) {
    const checked = await checking
    checking = checkFrom(from + federationLimits.toldAtOnce)
    await deps.rooms.storeOutliers(where, checked)
  }
  await checking
  return [...unproven]
}
