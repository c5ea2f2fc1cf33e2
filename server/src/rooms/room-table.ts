/** Rows of rooms: version, current state, forward extremities. */

import type { EventId } from '@parallax/protocol'
import { anyOf, type Reader, type Writer } from '../store/index.ts'
import type { RoomEntry } from './rooms.ts'

/** A forward extremity: an event that no other refers to yet. */
export type Extremity = { readonly event: number; readonly eventId: EventId; readonly depth: number }

export type RoomRow = {
  readonly room: number
  readonly version: string
  readonly snapshot: number
  readonly extremities: readonly Extremity[]
  readonly joinedCount: number
  readonly invitedCount: number
  readonly lastPosition: number
  /** From where on the whole state is here; 0: ever since; undefined: members are still missing. */
  readonly completeSince: number | undefined
}

type RawRow = {
  room: number
  version: string
  snapshot: number
  extremities: string
  joined_count: number
  invited_count: number
  last_position: number
  complete_since: number | null
}

function toRoom(row: RawRow): RoomRow {
  return {
    room: row.room,
    version: row.version,
    snapshot: row.snapshot,
    extremities: (JSON.parse(row.extremities) as [number, EventId, number][]).map(toExtremity),
    joinedCount: row.joined_count,
    invitedCount: row.invited_count,
    lastPosition: row.last_position,
    completeSince: row.complete_since ?? undefined,
  }
}

function toExtremity([event, eventId, depth]: [number, EventId, number]): Extremity {
  return { event, eventId, depth }
}

function extremitiesText(extremities: readonly Extremity[]): string {
  return JSON.stringify(extremities.map(({ event, eventId, depth }) => [event, eventId, depth]))
}

export async function findRoom(reader: Reader, room: number): Promise<RoomRow | undefined> {
  const row = await reader.first<RawRow>`
    SELECT room, version, snapshot, extremities, joined_count, invited_count, last_position, complete_since
    FROM room WHERE room = ${room}`
  return row && toRoom(row)
}

export function insertRoom(tx: Writer, row: RoomRow): void {
  tx.run`
    INSERT INTO room (room, version, snapshot, extremities, joined_count, invited_count, last_position, complete_since)
    VALUES (${row.room}, ${row.version}, ${row.snapshot}, ${extremitiesText(row.extremities)}, ${row.joinedCount},
      ${row.invitedCount}, ${row.lastPosition}, ${row.completeSince ?? null})`
}

/** Undoes the whole transaction (StoreError 'conflict') unless the room still stands as at `lastPosition`. */
export function updateRoom(tx: Writer, row: RoomRow, lastPosition: number): void {
  tx.require`
    UPDATE room SET snapshot = ${row.snapshot}, extremities = ${extremitiesText(row.extremities)},
      joined_count = ${row.joinedCount}, invited_count = ${row.invitedCount}, last_position = ${row.lastPosition}
    WHERE room = ${row.room} AND last_position = ${lastPosition}`
}

export function updateCompleteSince(tx: Writer, room: number, position: number | undefined): void {
  tx.run`UPDATE room SET complete_since = ${position ?? null} WHERE room = ${room}`
}

/** The server entered the room with this event, for the first time or again. */
export function updateEntry(tx: Writer, room: number, event: number): void {
  tx.run`UPDATE room SET entry = ${event} WHERE room = ${room}`
}

/** Undefined: the room was made here. */
export async function findEntry(reader: Reader, room: number): Promise<RoomEntry | undefined> {
  const row = await reader.first<RoomEntry>`
    SELECT event.event, event.stream AS place, event.depth, event.snapshot
    FROM room JOIN event ON event.event = room.entry
    WHERE room.room = ${room}`
  return row
}

/** Position of the newest event of each of these rooms. */
export async function listLastPositions(reader: Reader, rooms: readonly number[]): Promise<Map<number, number>> {
  const rows = await reader.all<{ room: number; last_position: number }>`
    SELECT room, last_position FROM room WHERE room IN ${anyOf(rooms)}`
  return new Map(rows.map((row) => [row.room, row.last_position]))
}

export function updatePublic(tx: Writer, room: number, isPublic: boolean): void {
  tx.run`UPDATE room SET is_public = ${isPublic ? 1 : 0} WHERE room = ${room}`
}

/** The room `to` takes the place of `from` in the directory, if that is listed. */
export function movePublic(tx: Writer, from: number, to: number): void {
  tx.run`UPDATE room SET is_public = 1 WHERE room = ${to} AND (SELECT is_public FROM room WHERE room = ${from}) = 1`
  tx.run`UPDATE room SET is_public = 0 WHERE room = ${from}`
}

export async function findPublic(reader: Reader, room: number): Promise<boolean> {
  const row = await reader.first<{ is_public: number }>`SELECT is_public FROM room WHERE room = ${room}`
  return row?.is_public === 1
}

/** Rooms in the directory, most joined users first. */
export async function listPublic(reader: Reader): Promise<{ room: number; joinedCount: number }[]> {
  const rows = await reader.all<{ room: number; joined_count: number }>`
    SELECT room, joined_count FROM room WHERE is_public = 1 ORDER BY joined_count DESC, room`
  return rows.map((row) => ({ room: row.room, joinedCount: row.joined_count }))
}
