/** Rows of lenses, and of which one a user looks through. */

import type { Reader, Writer } from '../store/index.ts'
import { reputationLimits } from './limits.ts'
import type { WrittenLens } from './reputation.ts'

type RawLens = { name: string; body: string }

/** By name. */
export async function listLenses(reader: Reader, user: number): Promise<Map<string, WrittenLens>> {
  const rows = await reader.all<RawLens>`
    SELECT name, body FROM reputation_lens WHERE user_number = ${user}
    ORDER BY name LIMIT ${reputationLimits.lensesPerUserMax}`
  return new Map(rows.map(({ name, body }) => [name, JSON.parse(body) as WrittenLens]))
}

/** The numbers, below zero, under which lenses of rooms are kept. */
export async function listRoomLenses(reader: Reader): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT DISTINCT user_number FROM reputation_lens WHERE user_number < 0 ORDER BY user_number`
  return rows.map((row) => row.user_number)
}

export function upsertLens(tx: Writer, user: number, name: string, lens: WrittenLens): void {
  tx.run`
    INSERT INTO reputation_lens (user_number, name, body) VALUES (${user}, ${name}, ${JSON.stringify(lens)})
    ON CONFLICT (user_number, name) DO UPDATE SET body = excluded.body`
}

/** Whoever looks through it looks through none. */
export function removeLens(tx: Writer, user: number, name: string): void {
  tx.run`DELETE FROM reputation_lens WHERE user_number = ${user} AND name = ${name}`
  tx.run`UPDATE reputation_choice SET name = '' WHERE user_number = ${user} AND name = ${name}`
  tx.run`UPDATE reputation_choice SET before = '' WHERE user_number = ${user} AND before = ${name}`
}

/** `name`: the lens looked through, empty: none. From `untilMs` on (0: never) it is `before`. */
export type Choice = { readonly name: string; readonly untilMs: number; readonly before: string }

export async function findChoice(reader: Reader, user: number): Promise<Choice> {
  const row = await reader.first<{ name: string; until_ms: number; before: string }>`
    SELECT name, until_ms, before FROM reputation_choice WHERE user_number = ${user}`
  return { name: row?.name ?? '', untilMs: row?.until_ms ?? 0, before: row?.before ?? '' }
}

export function upsertChoice(tx: Writer, user: number, { name, untilMs, before }: Choice): void {
  tx.run`
    INSERT INTO reputation_choice (user_number, name, until_ms, before)
    VALUES (${user}, ${name}, ${untilMs}, ${before})
    ON CONFLICT (user_number) DO UPDATE SET name = excluded.name, until_ms = excluded.until_ms,
      before = excluded.before`
}

export function removeLensesOf(tx: Writer, user: number): void {
  tx.run`DELETE FROM reputation_lens WHERE user_number = ${user}`
  tx.run`DELETE FROM reputation_choice WHERE user_number = ${user}`
}
