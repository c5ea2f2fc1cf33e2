/** Rows of room aliases: names of rooms in our own domains. */

import type { RoomAlias } from '@parallax/protocol'
import type { Reader, Writer } from '../store/index.ts'

export type AliasRow = { readonly alias: RoomAlias; readonly room: number; readonly creator: number }

/** Undoes the whole transaction (StoreError 'unique') if the alias is taken. */
export function insertAlias(tx: Writer, row: AliasRow): void {
  tx.run`INSERT INTO room_alias (alias, room, creator) VALUES (${row.alias}, ${row.room}, ${row.creator})`
}

export function removeAlias(tx: Writer, alias: RoomAlias): void {
  tx.run`DELETE FROM room_alias WHERE alias = ${alias}`
}

/** Moves all aliases of a room to its successor. */
export function updateAliasRoom(tx: Writer, from: number, to: number): void {
  tx.run`UPDATE room_alias SET room = ${to} WHERE room = ${from}`
}

export async function findAlias(reader: Reader, alias: RoomAlias): Promise<AliasRow | undefined> {
  return reader.first<AliasRow>`SELECT alias, room, creator FROM room_alias WHERE alias = ${alias}`
}

/** Aliases of a room, in order of the text. */
export async function listAliases(reader: Reader, room: number): Promise<RoomAlias[]> {
  const rows = await reader.all<{ alias: RoomAlias }>`SELECT alias FROM room_alias WHERE room = ${room} ORDER BY alias`
  return rows.map((row) => row.alias)
}
