/** Rows of rooms whose state before the join is not all here; gone when it is. */

import type { Reader, Writer } from '../../store/index.ts'
import type { PartialRoom } from '../rooms.ts'

type RawRow = { room: number; join_event: number; servers: string; unproven: string }

function toPartial({ room, join_event: joinEvent, servers, unproven }: RawRow): PartialRoom {
  return { room, joinEvent, servers: JSON.parse(servers), unproven: JSON.parse(unproven) }
}

export function upsertPartial(tx: Writer, { room, joinEvent, servers, unproven }: PartialRoom): void {
  tx.run`
    INSERT INTO partial_room (room, join_event, servers, unproven)
    VALUES (${room}, ${joinEvent}, ${JSON.stringify(servers)}, ${JSON.stringify(unproven)})
    ON CONFLICT (room) DO UPDATE SET join_event = excluded.join_event, servers = excluded.servers,
      unproven = excluded.unproven`
}

export async function findPartial(reader: Reader, room: number): Promise<PartialRoom | undefined> {
  const row = await reader.first<RawRow>`
    SELECT room, join_event, servers, unproven FROM partial_room WHERE room = ${room}`
  return row && toPartial(row)
}

export async function listPartials(reader: Reader): Promise<PartialRoom[]> {
  const rows = await reader.all<RawRow>`SELECT room, join_event, servers, unproven FROM partial_room ORDER BY room`
  return rows.map(toPartial)
}

export function removePartial(tx: Writer, room: number): void {
  tx.run`DELETE FROM partial_room WHERE room = ${room}`
}
