/** Power events and their order. Spec: rooms/v2#definitions (power events, reverse topological power ordering). */

import { powerOf } from '../auth/power.ts'
import type { RoomEvent } from '../event/room-event.ts'
import { reachableFrom } from '../graph/reach.ts'
import { topologicalOrder } from '../graph/topological.ts'
import { compareCodePoints } from '../json/canonical.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { EventGraph } from './event-graph.ts'

/** True for events that may take something away from somebody. */
export function isPowerEvent({ type, stateKey, sender, content }: RoomEvent): boolean {
  if (stateKey === undefined) return false
  if (type === 'm.room.power_levels' || type === 'm.room.join_rules') return stateKey === ''
  if (type !== 'm.room.member' || sender === stateKey) return false
  return content.membership === 'leave' || content.membership === 'ban'
}

/** The events that step 1 picks, and those of them that have a place in the order: all but those on a cycle. */
export type PowerOrder = { readonly picked: ReadonlySet<number>; readonly order: readonly number[] }

/**
 * Step 1 of the algorithm: the power events of the full conflicted set with those events of their auth chains that are
 * in it, from the earliest to the latest. `create` is the room's create event where auth events do not hold it (v12).
 * NOTE: chains are followed inside the set only, and order the events by links inside it, as all servers in use do.
 */
export function powerOrder(
  rules: RoomRules,
  graph: EventGraph,
  fullConflicted: ReadonlySet<number>,
  create: RoomEvent | undefined,
): PowerOrder {
  const edgesOf = (index: number): number[] => graph.authOf(index).filter((cited) => fullConflicted.has(cited))
  const powerEvents: number[] = []
  for (const index of fullConflicted) {
    const event = graph.eventAt(index)
    if (event !== undefined && isPowerEvent(event)) powerEvents.push(index)
  }
  const entries: Entry[] = []
  const picked = reachableFrom(powerEvents, edgesOf)
  for (const index of picked) {
    const event = graph.eventAt(index)
    if (event === undefined) continue
    entries.push({ index, event, power: senderPower(rules, graph, index, event, create) })
  }
  entries.sort(comparePower)
  const preferred = entries.map(({ index }) => index)
  return { picked, order: topologicalOrder(preferred, edgesOf) }
}

/** The sender's power by the event's own auth events. */
function senderPower(
  rules: RoomRules,
  graph: EventGraph,
  index: number,
  event: RoomEvent,
  create: RoomEvent | undefined,
): number {
  const get = (type: string, stateKey: string): RoomEvent | undefined => {
    const cited = graph.citedBy(index, type, stateKey)
    return cited === undefined ? undefined : graph.eventAt(cited)
  }
  return powerOf(rules, { get }, event.sender, create ?? get('m.room.create', ''))
}

type Entry = { readonly index: number; readonly event: RoomEvent; readonly power: number }

function comparePower(a: Entry, b: Entry): number {
  // Not a difference: infinity minus infinity is not a number.
  if (a.power !== b.power) return a.power > b.power ? -1 : 1
  return a.event.originServerTs - b.event.originServerTs || compareCodePoints(a.event.eventId, b.event.eventId)
}
