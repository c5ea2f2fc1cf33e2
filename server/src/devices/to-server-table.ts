/** Rows of messages to devices of other servers' users: each is the message to one server, kept until it is taken. */

import type { Reader, Writer } from '../store/index.ts'

/** `content`: JSON text of an `m.direct_to_device` as it is sent. */
export type ToServerRow = { readonly position: number; readonly content: string }

export function insertToServer(tx: Writer, server: number, { position, content }: ToServerRow): void {
  tx.run`INSERT INTO to_server (position, server, content) VALUES (${position}, ${server}, ${content})`
}

/** The oldest ones, in order. */
export async function listToServer(reader: Reader, server: number, limit: number): Promise<ToServerRow[]> {
  return reader.all<ToServerRow>`
    SELECT position, content FROM to_server WHERE server = ${server} ORDER BY position LIMIT ${limit}`
}

export function removeToServer(tx: Writer, server: number, upTo: number): void {
  tx.run`DELETE FROM to_server WHERE server = ${server} AND position <= ${upTo}`
}

/** Numbers of the servers for which something waits. */
export async function listWaitingServers(reader: Reader): Promise<number[]> {
  const rows = await reader.all<{ server: number }>`SELECT DISTINCT server FROM to_server`
  return rows.map(({ server }) => server)
}
