/** Rows of what other servers are to be told: the newest event of each room for each, and how far each was told. */

import type { Reader, Writer } from '../../store/index.ts'

/** An event of the room at this position is to be told, and what came before it since the server was told last. */
export type OwedRoom = { readonly room: number; readonly position: number }

export function upsertOwed(tx: Writer, server: number, { room, position }: OwedRoom): void {
  tx.run`
    INSERT INTO outbox_room (server, room, position) VALUES (${server}, ${room}, ${position})
    ON CONFLICT (server, room) DO UPDATE SET position = excluded.position`
}

/** Everything up to the position was taken by the server. */
export function updateTold(tx: Writer, server: number, position: number): void {
  tx.run`
    INSERT INTO outbox_told (server, position) VALUES (${server}, ${position})
    ON CONFLICT (server) DO UPDATE SET position = excluded.position`
  tx.run`DELETE FROM outbox_room WHERE server = ${server} AND position <= ${position}`
}

export async function listOwed(reader: Reader, server: number): Promise<OwedRoom[]> {
  return reader.all<OwedRoom>`SELECT room, position FROM outbox_room WHERE server = ${server} ORDER BY position`
}

/** Servers that something is owed to. */
export async function listOwedServers(reader: Reader): Promise<number[]> {
  const rows = await reader.all<{ server: number }>`SELECT DISTINCT server FROM outbox_room`
  return rows.map(({ server }) => server)
}

/** How far the server was told; 0: never. */
export async function findTold(reader: Reader, server: number): Promise<number> {
  const row = await reader.first<{ position: number }>`SELECT position FROM outbox_told WHERE server = ${server}`
  return row?.position ?? 0
}
