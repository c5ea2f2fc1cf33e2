/** Rows of rooms that were joined without all of their members; gone when the whole state is here. */

import type { ServerName } from '@parallax/protocol'
import type { Reader, Writer } from '../../store/index.ts'
import type { PartialRoom } from '../rooms.ts'

type RawRow = { room: number; join_event: number; servers: string }

function toPartial({ room, join_event: joinEvent, servers }: RawRow): PartialRoom {
  return { room, joinEvent, servers: JSON.parse(servers) as ServerName[] }
}

export function upsertPartial(tx: Writer, { room, joinEvent, servers }: PartialRoom): void {
  tx.run`
    INSERT INTO partial_room (room, join_event, servers) VALUES (${room}, ${joinEvent}, ${JSON.stringify(servers)})
    ON CONFLICT (room) DO UPDATE SET join_event = excluded.join_event, servers = excluded.servers`
}

export async function findPartial(reader: Reader, room: number): Promise<PartialRoom | undefined> {
  const row = await reader.first<RawRow>`SELECT room, join_event, servers FROM partial_room WHERE room = ${room}`
  return row && toPartial(row)
}

export async function listPartials(reader: Reader): Promise<PartialRoom[]> {
  return (await reader.all<RawRow>`SELECT room, join_event, servers FROM partial_room ORDER BY room`).map(toPartial)
}

export function removePartial(tx: Writer, room: number): void {
  tx.run`DELETE FROM partial_room WHERE room = ${room}`
}
