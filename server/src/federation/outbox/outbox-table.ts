/** Rows of what other servers were not told yet: of each room from which event on, and whose devices changed. */

import type { Reader, Writer } from '../../store/index.ts'

/** Events of the room from `since` to `position` are to be told, both included. */
export type OwedRoom = { readonly room: number; readonly since: number; readonly position: number }

/** What is owed already stays owed. */
export function upsertOwed(tx: Writer, server: number, { room, since, position }: OwedRoom): void {
  tx.run`
    INSERT INTO outbox_room (server, room, since, position) VALUES (${server}, ${room}, ${since}, ${position})
    ON CONFLICT (server, room) DO UPDATE SET
      position = CASE
        WHEN outbox_room.position < excluded.position THEN excluded.position
        ELSE outbox_room.position
      END`
}

/** Everything up to the position was taken by the server. */
export function settleOwed(tx: Writer, server: number, position: number): void {
  tx.run`DELETE FROM outbox_room WHERE server = ${server} AND position <= ${position}`
  tx.run`UPDATE outbox_room SET since = ${position + 1} WHERE server = ${server} AND since <= ${position}`
}

/** Everything of the room up to the position was taken by the server. */
export function settleOwedRoom(tx: Writer, server: number, { room, position }: OwedRoom): void {
  tx.run`DELETE FROM outbox_room WHERE server = ${server} AND room = ${room} AND position <= ${position}`
  tx.run`
    UPDATE outbox_room SET since = ${position + 1}
    WHERE server = ${server} AND room = ${room} AND since <= ${position}`
}

/** Those of which something happened last come first. */
export async function listOwed(reader: Reader, server: number, limit: number): Promise<OwedRoom[]> {
  return reader.all<OwedRoom>`
    SELECT room, since, position FROM outbox_room WHERE server = ${server} ORDER BY position DESC LIMIT ${limit}`
}

/** Servers that something is owed to. */
export async function listOwedServers(reader: Reader): Promise<number[]> {
  const rows = await reader.all<{ server: number }>`SELECT DISTINCT server FROM outbox_room`
  return rows.map(({ server }) => server)
}

/** The user's devices changed, or are news to the server, at this position. */
export type OwedUser = { readonly user: number; readonly position: number }

export function upsertOwedUser(tx: Writer, server: number, { user, position }: OwedUser): void {
  tx.run`
    INSERT INTO outbox_user (server, user_number, position) VALUES (${server}, ${user}, ${position})
    ON CONFLICT (server, user_number) DO UPDATE SET position = excluded.position`
}

/** The server was told of what was written down of the user. */
export function settleOwedUser(tx: Writer, server: number, { user, position }: OwedUser): void {
  tx.run`DELETE FROM outbox_user WHERE server = ${server} AND user_number = ${user} AND position <= ${position}`
}

export async function listOwedUsers(reader: Reader, server: number, limit: number): Promise<OwedUser[]> {
  const rows = await reader.all<{ user_number: number; position: number }>`
    SELECT user_number, position FROM outbox_user WHERE server = ${server} ORDER BY user_number LIMIT ${limit}`
  return rows.map(({ user_number: user, position }) => ({ user, position }))
}

/** Servers that are to be told of devices. */
export async function listServersOwedUsers(reader: Reader): Promise<number[]> {
  const rows = await reader.all<{ server: number }>`SELECT DISTINCT server FROM outbox_user`
  return rows.map(({ server }) => server)
}
