/**
 * Rows of what was named before it was here: events that stored ones follow (the edge of what is known of a room), and
 * targets of redactions.
 */

import type { EventId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../../store/index.ts'

export function insertMissing(tx: Writer, room: number, eventId: EventId, namedBy: number): void {
  tx.run`
    INSERT INTO missing_event (event_id, room, named_by) VALUES (${eventId}, ${room}, ${namedBy})
    ON CONFLICT (event_id, named_by) DO NOTHING`
}

/** Those of the events that stored ones follow, though they are missing. */
export async function listMissing(reader: Reader, eventIds: readonly EventId[]): Promise<Set<EventId>> {
  if (eventIds.length === 0) return new Set()
  const rows = await reader.all<{ event_id: EventId }>`
    SELECT event_id FROM missing_event WHERE event_id IN ${anyOf(eventIds)}`
  return new Set(rows.map((row) => row.event_id))
}

/** What the event at this place of the room's timeline follows, though it is missing. */
export async function listEdges(reader: Reader, room: number, place: number, limit: number): Promise<EventId[]> {
  const rows = await reader.all<{ event_id: EventId }>`
    SELECT missing_event.event_id FROM missing_event JOIN event ON event.event = missing_event.named_by
    WHERE missing_event.room = ${room} AND event.outcome = 0 AND event.stream = ${place} LIMIT ${limit}`
  return rows.map((row) => row.event_id)
}

/** Place of the newest event, up to a place, before which others are missing; undefined: none is. */
export async function findGap(reader: Reader, room: number, upTo: number): Promise<number | undefined> {
  const row = await reader.first<{ place: number | null }>`
    SELECT MAX(event.stream) AS place FROM missing_event JOIN event ON event.event = missing_event.named_by
    WHERE missing_event.room = ${room} AND event.outcome = 0 AND event.stream <= ${upTo}`
  return row?.place ?? undefined
}

export function removeMissing(tx: Writer, eventId: EventId): void {
  tx.run`DELETE FROM missing_event WHERE event_id = ${eventId}`
}

export function insertPendingRedaction(tx: Writer, eventId: EventId, redaction: number): void {
  tx.run`
    INSERT INTO pending_redaction (event_id, redaction) VALUES (${eventId}, ${redaction})
    ON CONFLICT (event_id, redaction) DO NOTHING`
}

/** Numbers of the redactions that wait for these events, by event ID. */
export async function listPendingRedactions(
  reader: Reader,
  eventIds: readonly EventId[],
): Promise<Map<EventId, number[]>> {
  if (eventIds.length === 0) return new Map()
  const rows = await reader.all<{ event_id: EventId; redaction: number }>`
    SELECT event_id, redaction FROM pending_redaction WHERE event_id IN ${anyOf(eventIds)} ORDER BY redaction`
  const found = new Map<EventId, number[]>()
  for (const { event_id: id, redaction } of rows) found.set(id, [...(found.get(id) ?? []), redaction])
  return found
}

export function removePendingRedactions(tx: Writer, eventId: EventId): void {
  tx.run`DELETE FROM pending_redaction WHERE event_id = ${eventId}`
}

/** A room that is known by memberships of our users alone. */
export function upsertOutside(tx: Writer, room: number, version: string): void {
  tx.run`
    INSERT INTO outside_room (room, version) VALUES (${room}, ${version})
    ON CONFLICT (room) DO UPDATE SET version = excluded.version`
}

export async function findOutsideVersion(reader: Reader, room: number): Promise<string | undefined> {
  const row = await reader.first<{ version: string }>`SELECT version FROM outside_room WHERE room = ${room}`
  return row?.version
}
