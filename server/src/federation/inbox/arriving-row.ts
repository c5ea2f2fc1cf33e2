/** Events that wait, as rows and as what rooms receive. */

import { canonicalJson, type EventId, type JsonObject, parseStoredEvent, topologicalOrder } from '@parallax/protocol'
import type { Arriving } from '../../rooms/index.ts'
import type { OurRoom } from './find-our-room.ts'
import type { QueueName, WaitingRow } from './inbox-table.ts'

/** The row of an event that is to wait. */
export function rowOf(queue: QueueName, position: number, { event, ...rest }: Arriving): WaitingRow {
  const { isAuthoriserSigned, isPolicySigned } = rest
  const pdu = canonicalJson(event.pdu)
  return { ...queue, position, eventId: event.eventId, pdu, isAuthoriserSigned, isPolicySigned, attempts: 0 }
}

/** The event of a row: its format, signatures and hash were checked before it was stored. */
export function arrivingOf({ rules, roomId }: OurRoom, row: WaitingRow): Arriving {
  const event = parseStoredEvent(rules, row.eventId, roomId, JSON.parse(row.pdu) as JsonObject)
  return { event, isAuthoriserSigned: row.isAuthoriserSigned, isPolicySigned: row.isPolicySigned }
}

/** Each after those of the list that it follows; those that go in circles are left out. */
export function inGraphOrder(arriving: Iterable<Arriving>): Arriving[] {
  const byId = new Map<EventId, Arriving>()
  for (const one of arriving) byId.set(one.event.eventId, one)
  if (byId.size < 2) return [...byId.values()]
  const order = topologicalOrder([...byId.keys()], (id) => byId.get(id)!.event.prevEvents.filter((at) => byId.has(at)))
  return order.map((id) => byId.get(id)!)
}
