/** The table of cursors: how far each follower has come. */

import type { Store } from '../store/index.ts'
import type { Position } from './journal.ts'

/** The cursors of all followers that ever saved one. */
export async function listCursors(store: Store): Promise<Map<string, Position>> {
  const rows = await store.reader.all<{ name: string; position: number }>`SELECT name, position FROM journal_cursor`
  return new Map(rows.map(({ name, position }) => [name, position]))
}

/** Stores these cursors together. */
export async function upsertCursors(store: Store, cursors: ReadonlyMap<string, Position>): Promise<void> {
  await store.transact((tx) => {
    for (const [name, position] of cursors) {
      tx.run`INSERT INTO journal_cursor (name, position) VALUES (${name}, ${position})
        ON CONFLICT (name) DO UPDATE SET position = excluded.position`
    }
  })
}
