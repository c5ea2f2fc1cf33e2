/** What an event rests on, asked for and stored as outliers: auth events, and the state before it. */

import type { EventId, JsonValue } from '@parallax/protocol'
import type { Arriving } from '../../rooms/index.ts'
import { checkAll, type Gap, listUnknown } from './gap.ts'
import type { InboxDeps } from './inbox-deps.ts'
import { gapLimits } from './limits.ts'

/** Asks for the auth chain of an event, and if that is refused for the events that it cites. */
export async function fetchAuth(deps: InboxDeps, gap: Gap, eventId: EventId, cited: readonly EventId[]): Promise<void> {
  const { calls } = deps.remote
  const chain = await gap.ask((parties) => calls.getEventAuth(parties, gap.room.roomId, eventId))
  if (chain === undefined) await storeOutliers(deps, gap, await fetchSingly(deps, gap, cited))
  else await storeOutliers(deps, gap, await checkAll(deps, gap, chain))
}

/** IDs of the state before an event, all that could be had stored; undefined: it is not told. */
export async function fetchState(deps: InboxDeps, gap: Gap, eventId: EventId): Promise<readonly EventId[] | undefined> {
  const { calls } = deps.remote
  const { roomId } = gap.room
  const ids = await gap.ask((parties) => calls.getStateIds(parties, roomId, eventId))
  if (ids === undefined) return undefined
  const unknown = await listUnknown(deps, gap.room, [...ids.pduIds, ...ids.authChainIds], true)
  if (unknown.size > gapLimits.singlyMax) {
    const whole = await gap.ask((parties) => calls.getState(parties, roomId, eventId))
    if (whole === undefined) return undefined
    const told = await checkUnknown(deps, gap, [...whole.pdus, ...whole.authChain], unknown)
    await storeOutliers(deps, gap, told)
  } else await storeOutliers(deps, gap, await fetchSingly(deps, gap, [...unknown]))
  return ids.pduIds
}

/** One event that passes the checks; undefined: it is not told. */
export async function fetchEvent(deps: InboxDeps, gap: Gap, eventId: EventId): Promise<Arriving | undefined> {
  const json = await gap.ask((parties) => deps.remote.calls.getEvent(parties, eventId))
  if (json === undefined) return undefined
  const [event] = await checkAll(deps, gap, [json])
  return event?.event.eventId === eventId ? event : undefined
}

async function fetchSingly(deps: InboxDeps, gap: Gap, ids: readonly EventId[]): Promise<Arriving[]> {
  const found: Arriving[] = []
  const wanted = ids.slice(0, gapLimits.singlyMax)
  for (let from = 0; from < wanted.length; from += gapLimits.singlyAtOnce) {
    const part = wanted.slice(from, from + gapLimits.singlyAtOnce)
    const events = await Promise.all(part.map((id) => fetchEvent(deps, gap, id)))
    for (const event of events) if (event !== undefined) found.push(event)
  }
  return found
}

/** Events that are here already need no second look at their signatures. */
async function checkUnknown(
  deps: InboxDeps,
  gap: Gap,
  told: readonly JsonValue[],
  unknown: ReadonlySet<EventId>,
): Promise<Arriving[]> {
  const passed: Arriving[] = []
  for (let from = 0; from < told.length; from += gapLimits.checkedAtOnce) {
    for (const one of await checkAll(deps, gap, told.slice(from, from + gapLimits.checkedAtOnce))) {
      if (unknown.has(one.event.eventId)) passed.push(one)
    }
  }
  return passed
}

async function storeOutliers(deps: InboxDeps, { room }: Gap, events: readonly Arriving[]): Promise<void> {
  if (events.length > 0) await deps.rooms.storeOutliers(room, events)
}
