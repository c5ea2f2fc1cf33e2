/** Rows of memberships: each user's place in each room now. */

import { anyOf, type Reader, type Writer } from '../store/index.ts'
import type { MemberRow, Membership } from './rooms.ts'

type RawRow = {
  room: number
  user_number: number
  membership: string
  event: number
  position: number
  forgotten: number
}

function toMember(row: RawRow): MemberRow {
  return {
    room: row.room,
    user: row.user_number,
    membership: row.membership as Membership,
    event: row.event,
    position: row.position,
    forgotten: row.forgotten === 1,
  }
}

/** Sets a user's membership; a new one is not forgotten. */
export function upsertMember(tx: Writer, member: MemberRow): void {
  tx.run`
    INSERT INTO member (room, user_number, membership, event, position, forgotten)
    VALUES (${member.room}, ${member.user}, ${member.membership}, ${member.event}, ${member.position}, 0)
    ON CONFLICT (room, user_number) DO UPDATE SET membership = excluded.membership, event = excluded.event,
      position = excluded.position, forgotten = 0`
}

/** Only who is out of the room can forget it. */
export function updateForgotten(tx: Writer, room: number, user: number): void {
  tx.run`
    UPDATE member SET forgotten = 1
    WHERE room = ${room} AND user_number = ${user} AND membership IN ('leave', 'ban')`
}

export async function findMember(reader: Reader, room: number, user: number): Promise<MemberRow | undefined> {
  const row = await reader.first<RawRow>`SELECT * FROM member WHERE room = ${room} AND user_number = ${user}`
  return row && toMember(row)
}

export async function listMembersOfUser(reader: Reader, user: number): Promise<MemberRow[]> {
  return (await reader.all<RawRow>`SELECT * FROM member WHERE user_number = ${user}`).map(toMember)
}

/** Where these users are joined, in order of the rooms. */
export async function listJoinedRooms(
  reader: Reader,
  users: readonly number[],
): Promise<{ user: number; room: number }[]> {
  const rows = await reader.all<{ user_number: number; room: number }>`
    SELECT user_number, room FROM member WHERE user_number IN ${anyOf(users)} AND membership = 'join' ORDER BY room`
  return rows.map(({ user_number: user, room }) => ({ user, room }))
}

/** Users with a number above this one who have or had a membership somewhere, in order, at most `limit`. */
export async function listUsersAfter(reader: Reader, after: number, limit: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT DISTINCT user_number FROM member WHERE user_number > ${after} ORDER BY user_number LIMIT ${limit}`
  return rows.map((row) => row.user_number)
}

export async function listJoinedUsers(reader: Reader, room: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM member WHERE room = ${room} AND membership = 'join'`
  return rows.map((row) => row.user_number)
}

/** Memberships in these rooms that were set after a position. */
export async function listMembersAfter(reader: Reader, rooms: readonly number[], after: number): Promise<MemberRow[]> {
  const rows = await reader.all<RawRow>`SELECT * FROM member WHERE room IN ${anyOf(rooms)} AND position > ${after}`
  return rows.map(toMember)
}

export async function listMembersOfRoom(reader: Reader, room: number): Promise<MemberRow[]> {
  return (await reader.all<RawRow>`SELECT * FROM member WHERE room = ${room}`).map(toMember)
}

/** Everybody who has or had a membership in the room. */
export async function listUsersOfRoom(reader: Reader, room: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`SELECT user_number FROM member WHERE room = ${room}`
  return rows.map((row) => row.user_number)
}

export async function listInvitedUsers(reader: Reader, room: number): Promise<number[]> {
  const rows = await reader.all<{ user_number: number }>`
    SELECT user_number FROM member WHERE room = ${room} AND membership = 'invite'`
  return rows.map((row) => row.user_number)
}
