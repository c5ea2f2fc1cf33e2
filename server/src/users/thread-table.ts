/** Rows of the threads that users follow, or no longer want to. */

import type { Reader, Writer } from '../store/index.ts'

export type ThreadMode = 'automatic' | 'manual' | 'none'

export type ThreadRow = {
  readonly room: number
  /** Event ID of the thread's root. */
  readonly root: string
  readonly mode: ThreadMode
  /** Of the last change. */
  readonly position: number
}

export async function findThread(
  reader: Reader,
  user: number,
  room: number,
  root: string,
): Promise<ThreadRow | undefined> {
  return reader.first<ThreadRow>`
    SELECT room, root, mode, position FROM thread_subscription
    WHERE user_number = ${user} AND room = ${room} AND root = ${root}`
}

/** Those with a position in (after, upTo], newest first. */
export async function listThreads(
  reader: Reader,
  user: number,
  { after, upTo, limit }: { readonly after: number; readonly upTo: number; readonly limit: number },
): Promise<ThreadRow[]> {
  return reader.all<ThreadRow>`
    SELECT room, root, mode, position FROM thread_subscription
    WHERE user_number = ${user} AND position > ${after} AND position <= ${upTo}
    ORDER BY position DESC LIMIT ${limit}`
}

export async function countThreads(reader: Reader, user: number): Promise<number> {
  const row = await reader.first<{ count: number }>`
    SELECT COUNT(*) AS count FROM thread_subscription WHERE user_number = ${user}`
  return row?.count ?? 0
}

export function upsertThread(tx: Writer, user: number, { room, root, mode, position }: ThreadRow): void {
  tx.run`
    INSERT INTO thread_subscription (user_number, room, root, mode, position)
    VALUES (${user}, ${room}, ${root}, ${mode}, ${position})
    ON CONFLICT (user_number, room, root) DO UPDATE SET mode = excluded.mode, position = excluded.position`
}

export function removeThreads(tx: Writer, user: number): void {
  tx.run`DELETE FROM thread_subscription WHERE user_number = ${user}`
}
