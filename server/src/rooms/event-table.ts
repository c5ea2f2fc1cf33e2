/** Rows of events. */

import type { EventId, RoomEvent } from '@parallax/protocol'
import { canonicalJson } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'
import { insertRelation, removeRelation } from './relations/relation-table.ts'
import type { StoredEvent, StoredText, StoredWalk, TimelineRange, TimeWalk } from './rooms.ts'

type EventRow = {
  event: number
  event_id: string
  room: number
  stream: number | null
  type: number
  sender: number
  slot: number | null
  depth: number
  ts: number
  outcome: number
  snapshot: number
  replaces: number | null
  redacted_by: number | null
  body: string
  rest: string
}

const LIMIT_MAX = 1000
/** A longer history is cut: its oldest events are not known then. */
export const SLOT_HISTORY_MAX = 1000

function toStored(row: EventRow): StoredEvent {
  return {
    event: row.event,
    eventId: row.event_id as EventId,
    room: row.room,
    stream: row.stream,
    type: row.type,
    sender: row.sender,
    slot: row.slot,
    depth: row.depth,
    ts: row.ts,
    outcome: row.outcome as StoredEvent['outcome'],
    snapshot: row.snapshot,
    replaces: row.replaces,
    redactedBy: row.redacted_by,
    body: row.body,
    rest: row.rest,
  }
}

/** The two texts of an event: see `StoredEvent.body` and `rest`. */
export function splitEventText(event: RoomEvent): { body: string; rest: string } {
  const body = [
    `"content":${canonicalJson(event.content)}`,
    `"origin_server_ts":${event.originServerTs}`,
    `"room_id":${JSON.stringify(event.roomId)}`,
    `"sender":${JSON.stringify(event.sender)}`,
  ]
  if (event.stateKey !== undefined) body.push(`"state_key":${JSON.stringify(event.stateKey)}`)
  body.push(`"type":${JSON.stringify(event.type)}`)
  const rest: string[] = []
  for (const [name, value] of Object.entries(event.pdu)) {
    if (!inBody.has(name) && value !== undefined) rest.push(`${JSON.stringify(name)}:${canonicalJson(value)}`)
  }
  return { body: body.join(','), rest: rest.join(',') }
}

const inBody = new Set(['content', 'origin_server_ts', 'room_id', 'sender', 'state_key', 'type'])

export function insertEvent(tx: Writer, event: StoredEvent): void {
  tx.run`
    INSERT INTO event (event, event_id, room, stream, type, sender, slot, depth, ts, outcome, snapshot, replaces,
      redacted_by, body, rest)
    VALUES (${event.event}, ${event.eventId}, ${event.room}, ${event.stream}, ${event.type}, ${event.sender},
      ${event.slot}, ${event.depth}, ${event.ts}, ${event.outcome}, ${event.snapshot}, ${event.replaces},
      ${event.redactedBy}, ${event.body}, ${event.rest})`
  insertRelation(tx, event)
}

/** An outlier gets its place in the graph; its number and text stay. */
export function updatePlace(tx: Writer, event: StoredEvent): void {
  tx.run`
    UPDATE event SET stream = ${event.stream}, outcome = ${event.outcome}, snapshot = ${event.snapshot},
      replaces = ${event.replaces}
    WHERE event = ${event.event}`
  insertRelation(tx, event)
}

/** What was known of a room from outside has no place in its graph: it becomes an outlier. `create`: of the room. */
export function updateOutside(tx: Writer, room: number, create: EventId): void {
  tx.run`
    UPDATE event SET outcome = 3, stream = NULL
    WHERE room = ${room} AND snapshot = 0 AND outcome = 0 AND event_id <> ${create}`
}

/** An event that was known from outside is told as part of the room. */
export function updateTold(tx: Writer, event: number, outcome: 2 | 3): void {
  tx.run`UPDATE event SET outcome = ${outcome}, stream = NULL WHERE event = ${event}`
}

/** Gives an event that was judged again its new place: what is not accepted any more is shown to nobody. */
export function updateJudged(
  tx: Writer,
  event: Pick<StoredEvent, 'event' | 'outcome' | 'snapshot' | 'replaces'>,
): void {
  tx.run`UPDATE event SET outcome = ${event.outcome}, snapshot = ${event.snapshot}, replaces = ${event.replaces}
    WHERE event = ${event.event}`
  if (event.outcome === 0) return
  tx.run`UPDATE event SET stream = NULL WHERE event = ${event.event}`
  removeRelation(tx, event.event)
}

/** Prunes a stored event: its text is replaced by the redacted one. */
export function updateRedacted(tx: Writer, event: number, redactedBy: number, body: string, rest: string): void {
  tx.run`UPDATE event SET redacted_by = ${redactedBy}, body = ${body}, rest = ${rest} WHERE event = ${event}`
  removeRelation(tx, event)
}

export async function findEvent(reader: Reader, eventId: EventId): Promise<StoredEvent | undefined> {
  const row = await reader.first<EventRow>`SELECT * FROM event WHERE event_id = ${eventId}`
  return row && toStored(row)
}

/** In the order of the numbers; unknown ones are left out. */
export async function listEvents(reader: Reader, events: readonly number[]): Promise<StoredEvent[]> {
  if (events.length === 0) return []
  const rows = await reader.all<EventRow>`SELECT * FROM event WHERE event IN ${anyOf(events)}`
  if (rows.length < 2) return rows.map(toStored)
  const byNumber = new Map(rows.map((row) => [row.event, row]))
  return events.flatMap((event) => {
    const row = byNumber.get(event)
    return row === undefined ? [] : [toStored(row)]
  })
}

export async function listEventsById(reader: Reader, eventIds: readonly EventId[]): Promise<StoredEvent[]> {
  const rows = await reader.all<EventRow>`SELECT * FROM event WHERE event_id IN ${anyOf(eventIds)}`
  return rows.map(toStored)
}

/** Accepted events of a room between two places, nearest to the start of the walk first. */
export async function listTimeline(reader: Reader, room: number, range: TimelineRange): Promise<StoredEvent[]> {
  const after = range.after ?? Number.MIN_SAFE_INTEGER
  const before = range.before ?? Number.MAX_SAFE_INTEGER
  const limit = Math.min(range.limit, LIMIT_MAX)
  const rows =
    range.direction === 'forwards'
      ? await reader.all<EventRow>`
          SELECT * FROM event WHERE room = ${room} AND stream > ${after} AND stream < ${before} AND outcome = 0
          ORDER BY stream LIMIT ${limit}`
      : await reader.all<EventRow>`
          SELECT * FROM event WHERE room = ${room} AND stream > ${after} AND stream < ${before} AND outcome = 0
          ORDER BY stream DESC LIMIT ${limit}`
  return rows.map(toStored)
}

/** Rejected events with a place in the room's graph that were stored after an event. */
export async function listRejected(reader: Reader, room: number, after: number): Promise<StoredEvent[]> {
  const rows = await reader.all<EventRow>`SELECT * FROM event WHERE room = ${room} AND event > ${after} AND outcome = 2
      AND snapshot > 0`
  return rows.map(toStored)
}

/**
 * Accepted events of all rooms in order of their numbers, above `after` up to `upTo`; `body` only of those of these
 * types that are not redacted.
 */
export async function listStored(reader: Reader, { after, upTo, types, limit }: StoredWalk): Promise<StoredText[]> {
  return reader.all<StoredText>`
    SELECT event, room, stream, type,
      CASE WHEN type IN ${anyOf(types)} AND stream IS NOT NULL AND outcome = 0 AND redacted_by IS NULL
        THEN body ELSE NULL END AS body
    FROM event WHERE event > ${after} AND event <= ${upTo} ORDER BY event LIMIT ${limit}`
}

/** The next place of the room's timeline below this one that is taken; undefined: none is. */
export async function findPlaceBelow(reader: Reader, room: number, place: number): Promise<number | undefined> {
  const row = await reader.first<{ place: number | null }>`
    SELECT MAX(stream) AS place FROM event WHERE room = ${room} AND stream < ${place}`
  return row?.place ?? undefined
}

/** The first place of the room's timeline that is taken; undefined: it is empty. */
export async function findFirstPlace(reader: Reader, room: number): Promise<number | undefined> {
  const row = await reader.first<{ place: number | null }>`SELECT MIN(stream) AS place FROM event WHERE room = ${room}`
  return row?.place ?? undefined
}

/** Accepted events of a room by their own time, the nearest first. */
export async function listByTime(
  reader: Reader,
  room: number,
  { ts, direction, skip, limit }: TimeWalk,
): Promise<StoredEvent[]> {
  const rows =
    direction === 'f'
      ? await reader.all<EventRow>`
          SELECT * FROM event WHERE room = ${room} AND ts >= ${ts} AND stream IS NOT NULL AND outcome = 0
          ORDER BY ts, stream LIMIT ${limit} OFFSET ${skip}`
      : await reader.all<EventRow>`
          SELECT * FROM event WHERE room = ${room} AND ts <= ${ts} AND stream IS NOT NULL AND outcome = 0
          ORDER BY ts DESC, stream DESC LIMIT ${limit} OFFSET ${skip}`
  return rows.map(toStored)
}

/** Those of the events that have this type. */
export async function listEventsOfType(
  reader: Reader,
  events: readonly number[],
  type: number,
): Promise<StoredEvent[]> {
  const rows = await reader.all<EventRow>`SELECT * FROM event WHERE event IN ${anyOf(events)} AND type = ${type}`
  return rows.map(toStored)
}

/**
 * Events that were in this slot of the room at some time, in no order: accepted ones, and outliers, which the states
 * that other servers told may hold; at most 1000.
 */
export async function listSlotVersions(reader: Reader, room: number, slot: number): Promise<StoredEvent[]> {
  const rows = await reader.all<EventRow>`
    SELECT * FROM event WHERE slot = ${slot} AND room = ${room} AND outcome IN (0, 3) LIMIT ${SLOT_HISTORY_MAX}`
  return rows.map(toStored)
}

/** Accepted events that were ever in this slot of the room, in timeline order; at most 1000, the newest. */
export async function listSlotHistory(reader: Reader, room: number, slot: number): Promise<StoredEvent[]> {
  const rows = await reader.all<EventRow>`
    SELECT * FROM event WHERE slot = ${slot} AND room = ${room} AND stream IS NOT NULL AND outcome = 0
    ORDER BY stream DESC LIMIT ${SLOT_HISTORY_MAX}`
  return rows.reverse().map(toStored)
}
