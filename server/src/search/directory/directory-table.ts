/** Rows of the user directory. Room 0: words that all may find; another: words of the user's name in that room. */

import { anyOf, type Reader, type Writer } from '../../store/index.ts'

export type TermRow = { readonly term: string; readonly user: number; readonly room: number }

type RawRow = { term: string; user_number: number; room: number }

function toTerm({ term, user_number: user, room }: RawRow): TermRow {
  return { term, user, room }
}

/** Rows whose term is from `from` up to below `to`, in order of the terms. */
export async function listTerms(reader: Reader, from: string, to: string, limit: number): Promise<TermRow[]> {
  const rows = await reader.all<RawRow>`
    SELECT term, user_number, room FROM directory_term WHERE term >= ${from} AND term < ${to}
    ORDER BY term, user_number, room LIMIT ${limit}`
  return rows.map(toTerm)
}

/** As `listTerms`, of these users only. */
export async function listTermsOf(
  reader: Reader,
  [from, to]: readonly [from: string, to: string],
  users: readonly number[],
): Promise<TermRow[]> {
  const rows = await reader.all<RawRow>`
    SELECT term, user_number, room FROM directory_term
    WHERE user_number IN ${anyOf(users)} AND term >= ${from} AND term < ${to} ORDER BY term, user_number, room`
  return rows.map(toTerm)
}

export async function listOwnTerms(reader: Reader, user: number, room: number): Promise<string[]> {
  const rows = await reader.all<{ term: string }>`
    SELECT term FROM directory_term WHERE user_number = ${user} AND room = ${room}`
  return rows.map(({ term }) => term)
}

export function insertTerm(tx: Writer, { term, user, room }: TermRow): void {
  tx.run`
    INSERT INTO directory_term (term, user_number, room) VALUES (${term}, ${user}, ${room})
    ON CONFLICT (term, user_number, room) DO NOTHING`
}

export function removeTerm(tx: Writer, { term, user, room }: TermRow): void {
  tx.run`DELETE FROM directory_term WHERE term = ${term} AND user_number = ${user} AND room = ${room}`
}

/** Rooms that are known to the directory, and whether anybody may know their members. */
export async function listDirectoryRooms(reader: Reader): Promise<Map<number, boolean>> {
  const rows = await reader.all<{ room: number; is_open: number }>`SELECT room, is_open FROM directory_room`
  return new Map(rows.map(({ room, is_open }) => [room, is_open === 1]))
}

export function upsertDirectoryRoom(tx: Writer, room: number, isOpen: boolean): void {
  tx.run`
    INSERT INTO directory_room (room, is_open) VALUES (${room}, ${isOpen ? 1 : 0})
    ON CONFLICT (room) DO UPDATE SET is_open = excluded.is_open`
}

export function removeDirectoryRoom(tx: Writer, room: number): void {
  tx.run`DELETE FROM directory_room WHERE room = ${room}`
}
