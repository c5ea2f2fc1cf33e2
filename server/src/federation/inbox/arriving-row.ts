/** Events that wait, as rows and as what rooms receive. */

import {
  canonicalJson,
  type EventId,
  type JsonObject,
  parseStoredEvent,
  type RoomEvent,
  topologicalOrder,
} from '@parallax/protocol'
import type { Arriving } from '../../rooms/index.ts'
import type { OurRoom } from './find-our-room.ts'
import type { QueueName, WaitingRow } from './inbox-table.ts'

/** The row of an event that is to wait. */
export function rowOf(queue: QueueName, position: number, { event, ...rest }: Arriving): WaitingRow {
  const { isAuthoriserSigned, isPolicySigned } = rest
  const pdu = canonicalJson(event.pdu)
  const signed = { isAuthoriserSigned, isPolicySigned, isVerified: true }
  return { ...queue, position, eventId: event.eventId, pdu, ...signed, attempts: 0 }
}

/** The row of an event whose signatures nobody could verify yet. */
export function unverifiedRowOf(queue: QueueName, position: number, event: RoomEvent): WaitingRow {
  const row = rowOf(queue, position, { event, isAuthoriserSigned: false, isPolicySigned: false })
  return { ...row, isVerified: false }
}

/** The event of a row, of which only the format was checked if the row is not verified. */
export function eventOf({ rules, roomId }: OurRoom, row: WaitingRow): RoomEvent {
  return parseStoredEvent(rules, row.eventId, roomId, JSON.parse(row.pdu) as JsonObject)
}

/** The event of a verified row: its format, signatures and hash were checked before it was stored. */
export function arrivingOf(room: OurRoom, row: WaitingRow): Arriving {
  return { event: eventOf(room, row), isAuthoriserSigned: row.isAuthoriserSigned, isPolicySigned: row.isPolicySigned }
}

/** Each after those of the list that it follows; those that go in circles are left out. */
export function inGraphOrder(arriving: Iterable<Arriving>): Arriving[] {
  const byId = new Map<EventId, Arriving>()
  for (const one of arriving) byId.set(one.event.eventId, one)
  if (byId.size < 2) return [...byId.values()]
  const order = topologicalOrder([...byId.keys()], (id) => byId.get(id)!.event.prevEvents.filter((at) => byId.has(at)))
  return order.map((id) => byId.get(id)!)
}
