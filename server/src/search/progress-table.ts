/** Rows that say how far an index has come. */

import type { Reader, Writer } from '../store/index.ts'

export async function findProgress(reader: Reader, name: string): Promise<number | undefined> {
  const row = await reader.first<{ position: number }>`SELECT position FROM search_progress WHERE name = ${name}`
  return row?.position
}

export function upsertProgress(tx: Writer, name: string, position: number): void {
  tx.run`
    INSERT INTO search_progress (name, position) VALUES (${name}, ${position})
    ON CONFLICT (name) DO UPDATE SET position = excluded.position`
}
