/** Rows of notifications: which events a user was notified of. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'

export type NotificationRow = {
  readonly user: number
  /** Number of the event. */
  readonly event: number
  readonly room: number
  /** `main`, or the ID of the thread's root. */
  readonly thread: string
  readonly isHighlight: boolean
  readonly isCall: boolean
  readonly isRead: boolean
  /** Actions of the push rule, JSON text. */
  readonly actions: string
  readonly recordedMs: number
}

type RawRow = {
  user_number: number
  event: number
  room: number
  thread: string
  is_highlight: number
  is_call: number
  is_read: number
  actions: string
  recorded_ms: number
}

function toNotification(row: RawRow): NotificationRow {
  return {
    user: row.user_number,
    event: row.event,
    room: row.room,
    thread: row.thread,
    isHighlight: row.is_highlight === 1,
    isCall: row.is_call === 1,
    isRead: row.is_read === 1,
    actions: row.actions,
    recordedMs: row.recorded_ms,
  }
}

/** The same for many users, who all have a row in `push_user`; one that is there already stays as it is. */
export function insertNotifications(tx: Writer, row: Omit<NotificationRow, 'user'>, users: readonly number[]): void {
  tx.run`
    INSERT INTO notification (user_number, event, room, thread, is_highlight, is_call, is_read, actions, recorded_ms)
    SELECT user_number, ${row.event}, ${row.room}, ${row.thread}, ${Number(row.isHighlight)}, ${Number(row.isCall)},
      ${Number(row.isRead)}, ${row.actions}, ${row.recordedMs}
    FROM push_user WHERE user_number IN ${anyOf(users)}
    ON CONFLICT (user_number, event) DO NOTHING`
}

export function updateRead(tx: Writer, user: number, events: readonly number[]): void {
  tx.run`UPDATE notification SET is_read = 1 WHERE user_number = ${user} AND event IN ${anyOf(events)}`
}

export function removeNotificationsOf(tx: Writer, event: number, users: readonly number[]): void {
  tx.run`DELETE FROM notification WHERE user_number IN ${anyOf(users)} AND event = ${event}`
}

/** The newest event that is too old to be kept, if the newest `max` of the user are. */
export async function findTooOld(reader: Reader, user: number, max: number): Promise<number | undefined> {
  const row = await reader.first<{ event: number }>`
    SELECT event FROM notification WHERE user_number = ${user} ORDER BY event DESC LIMIT 1 OFFSET ${max}`
  return row?.event
}

export function removeNotificationsUpTo(tx: Writer, user: number, event: number): void {
  tx.run`DELETE FROM notification WHERE user_number = ${user} AND event <= ${event}`
}

export function removeNotifications(tx: Writer, user: number): void {
  tx.run`DELETE FROM notification WHERE user_number = ${user}`
}

export type NotificationRange = {
  /** Exclusive. */
  readonly before: number
  readonly isHighlightOnly: boolean
  readonly limit: number
}

/** Newest first. */
export async function listNotifications(
  reader: Reader,
  user: number,
  { before, isHighlightOnly, limit }: NotificationRange,
): Promise<NotificationRow[]> {
  const least = isHighlightOnly ? 1 : 0
  const rows = await reader.all<RawRow>`
    SELECT * FROM notification WHERE user_number = ${user} AND event < ${before} AND is_highlight >= ${least}
    ORDER BY event DESC LIMIT ${limit}`
  return rows.map(toNotification)
}

/** Unread ones after an event, oldest first. */
export async function listUndelivered(
  reader: Reader,
  user: number,
  after: number,
  limit: number,
): Promise<NotificationRow[]> {
  const rows = await reader.all<RawRow>`
    SELECT * FROM notification WHERE user_number = ${user} AND event > ${after} AND is_read = 0
    ORDER BY event LIMIT ${limit}`
  return rows.map(toNotification)
}

export type UnreadRow = Pick<NotificationRow, 'user' | 'event' | 'room' | 'thread' | 'isCall'>

/** What these users have not read, in no order. */
export async function listUnread(reader: Reader, users: readonly number[]): Promise<UnreadRow[]> {
  type Raw = Pick<RawRow, 'user_number' | 'event' | 'room' | 'thread' | 'is_call'>
  const rows = await reader.all<Raw>`
    SELECT user_number, event, room, thread, is_call FROM notification
    WHERE user_number IN ${anyOf(users)} AND is_read = 0`
  return rows.map(({ user_number: user, event, room, thread, is_call }) => ({
    user,
    event,
    room,
    thread,
    isCall: is_call === 1,
  }))
}

/** How much each of these users has not read, and the newest of it; users without any are left out. */
export async function countUnread(
  reader: Reader,
  users: readonly number[],
): Promise<ReadonlyMap<number, { readonly count: number; readonly newest: number }>> {
  const rows = await reader.all<{ user_number: number; count: number; newest: number }>`
    SELECT user_number, COUNT(*) AS count, MAX(event) AS newest FROM notification
    WHERE user_number IN ${anyOf(users)} AND is_read = 0 GROUP BY user_number`
  return new Map(rows.map(({ user_number: user, count, newest }) => [user, { count: Number(count), newest }]))
}
