/** Rows of unread counts: how far a room was counted for a user, and what was found. */

import type { Reader, Writer } from '../../store/index.ts'
import type { UnreadItem } from './tally.ts'

export type Checkpoint = { readonly countedTo: number; readonly items: UnreadItem[] }

export async function listCheckpoints(reader: Reader, user: number): Promise<Map<number, Checkpoint>> {
  const rows = await reader.all<{ room: number; counted_to: number; items: string }>`
    SELECT room, counted_to, items FROM unread_checkpoint WHERE user_number = ${user}`
  return new Map(
    rows.map((row) => [
      row.room,
      {
        countedTo: row.counted_to,
        items: (JSON.parse(row.items) as [number, string, number][]).map(([event, thread, highlight]) => ({
          event,
          thread,
          isHighlight: highlight === 1,
        })),
      },
    ]),
  )
}

export function upsertCheckpoint(tx: Writer, user: number, room: number, { countedTo, items }: Checkpoint): void {
  const text = JSON.stringify(items.map(({ event, thread, isHighlight }) => [event, thread, isHighlight ? 1 : 0]))
  tx.run`
    INSERT INTO unread_checkpoint (user_number, room, counted_to, items)
    VALUES (${user}, ${room}, ${countedTo}, ${text})
    ON CONFLICT (user_number, room) DO UPDATE SET counted_to = excluded.counted_to, items = excluded.items`
}
