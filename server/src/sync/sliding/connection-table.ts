/** Rows of sliding sync connections: what each was told of which room, and what it was before its last reply. */

import type { Reader, Writer } from '../../store/index.ts'
import type { Connection, RoomEntry } from './connection.ts'

/** What names a connection in the tables. */
export type ConnectionKey = Pick<Connection, 'id' | 'user' | 'deviceId' | 'name'>

/** A room's row: `undo` is what the entry was before the state with this number; null: absent. */
export type EntryRow = {
  readonly room: number
  readonly entry: RoomEntry
  readonly number: number
  readonly undo: RoomEntry | null
}

export type Stored = Pick<Connection, 'name' | 'current' | 'previous' | 'last' | 'wishes'> & { entries: EntryRow[] }

/** [told, timeline limit, wishes, is direct, counts] */
type Tuple = [number, number, number, 0 | 1, string]

/** Takes the place of the device's connection of the same name, and of those used longest ago. */
export function insertConnection(tx: Writer, key: ConnectionKey, nowMs: number, keep: number): void {
  const { id, user, deviceId, name } = key
  tx.run`
    DELETE FROM sliding_room WHERE connection IN (
      SELECT connection FROM sliding_connection
      WHERE user_number = ${user} AND device = ${deviceId} AND name = ${name})`
  tx.run`DELETE FROM sliding_connection WHERE user_number = ${user} AND device = ${deviceId} AND name = ${name}`
  removeAllBut(tx, key, keep - 1)
  tx.run`
    INSERT INTO sliding_connection (connection, user_number, device, name, current, previous, last, wishes, used_ms)
    VALUES (${id}, ${user}, ${deviceId}, ${name}, 0, 0, 0, '[]', ${nowMs})`
}

function removeAllBut(tx: Writer, { user, deviceId }: ConnectionKey, keep: number): void {
  tx.run`
    DELETE FROM sliding_room WHERE connection IN (
      SELECT connection FROM sliding_connection WHERE user_number = ${user} AND device = ${deviceId}
      ORDER BY used_ms DESC, connection LIMIT 1000 OFFSET ${keep})`
  tx.run`
    DELETE FROM sliding_connection WHERE connection IN (
      SELECT connection FROM sliding_connection WHERE user_number = ${user} AND device = ${deviceId}
      ORDER BY used_ms DESC, connection LIMIT 1000 OFFSET ${keep})`
}

/** Undoes the transaction if the connection is gone. */
export function updateConnection(tx: Writer, connection: Connection, nowMs: number): void {
  const { id, current, previous, last, wishes } = connection
  tx.require`
    UPDATE sliding_connection SET current = ${current}, previous = ${previous}, last = ${last},
      wishes = ${JSON.stringify(wishes)}, used_ms = ${nowMs}
    WHERE connection = ${id}`
}

export function upsertEntry(tx: Writer, connection: number, { room, entry, number, undo }: EntryRow): void {
  const { told, timelineLimit, wishes, isDirect, counts } = entry
  tx.run`
    INSERT INTO sliding_room (connection, room, told, timeline_limit, wishes, is_direct, counts, number, undo)
    VALUES (${connection}, ${room}, ${told}, ${timelineLimit}, ${wishes}, ${isDirect ? 1 : 0}, ${counts}, ${number},
      ${undo === null ? null : JSON.stringify(toTuple(undo))})
    ON CONFLICT (connection, room) DO UPDATE SET told = excluded.told, timeline_limit = excluded.timeline_limit,
      wishes = excluded.wishes, is_direct = excluded.is_direct, counts = excluded.counts, number = excluded.number,
      undo = excluded.undo`
}

export function removeEntry(tx: Writer, connection: number, room: number): void {
  tx.run`DELETE FROM sliding_room WHERE connection = ${connection} AND room = ${room}`
}

/** `deviceId` null: of all devices. */
export function removeConnections(tx: Writer, user: number, deviceId: string | null): void {
  tx.run`
    DELETE FROM sliding_room WHERE connection IN (
      SELECT connection FROM sliding_connection WHERE user_number = ${user}
        AND (device = ${deviceId ?? ''} OR ${deviceId === null ? 1 : 0} = 1))`
  tx.run`
    DELETE FROM sliding_connection WHERE user_number = ${user}
      AND (device = ${deviceId ?? ''} OR ${deviceId === null ? 1 : 0} = 1)`
}

/** Those that nobody has used since. */
export function removeUnused(tx: Writer, usedBeforeMs: number): void {
  tx.run`
    DELETE FROM sliding_room WHERE connection IN (
      SELECT connection FROM sliding_connection WHERE used_ms < ${usedBeforeMs})`
  tx.run`DELETE FROM sliding_connection WHERE used_ms < ${usedBeforeMs}`
}

type RawConnection = { name: string; current: number; previous: number; last: number; wishes: string }
type RawEntry = {
  room: number
  told: number
  timeline_limit: number
  wishes: number
  is_direct: 0 | 1
  counts: string
  number: number
  undo: string | null
}

/** The connection of this number if it is the device's. */
export async function findConnection(
  reader: Reader,
  id: number,
  { user, deviceId }: Pick<ConnectionKey, 'user' | 'deviceId'>,
): Promise<Stored | undefined> {
  const found = await reader.first<RawConnection>`
    SELECT name, current, previous, last, wishes FROM sliding_connection
    WHERE connection = ${id} AND user_number = ${user} AND device = ${deviceId}`
  if (found === undefined) return undefined
  const rows = await reader.all<RawEntry>`
    SELECT room, told, timeline_limit, wishes, is_direct, counts, number, undo FROM sliding_room
    WHERE connection = ${id}`
  return { ...found, wishes: JSON.parse(found.wishes), entries: rows.map(toEntryRow) }
}

function toEntryRow(row: RawEntry): EntryRow {
  const entry = fromTuple([row.told, row.timeline_limit, row.wishes, row.is_direct, row.counts])
  return { room: row.room, entry, number: row.number, undo: row.undo === null ? null : fromTuple(JSON.parse(row.undo)) }
}

function toTuple({ told, timelineLimit, wishes, isDirect, counts }: RoomEntry): Tuple {
  return [told, timelineLimit, wishes, isDirect ? 1 : 0, counts]
}

function fromTuple([told, timelineLimit, wishes, isDirect, counts]: Tuple): RoomEntry {
  return { told, timelineLimit, wishes, isDirect: isDirect === 1, counts }
}
