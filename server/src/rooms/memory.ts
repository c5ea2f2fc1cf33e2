/** What is kept in memory of members and recent events, current with the commits; bounded. */

import { Lru } from '../base/index.ts'
import type { Reader } from '../store/index.ts'
import { listJoinedUsers, listMembersOfUser } from './member-table.ts'
import type { MemberRow, StoredEvent, TimelineRange } from './rooms.ts'

/** The newest events of a room: all accepted ones above `floor`, in timeline order. */
type RecentEvents = { floor: number; events: StoredEvent[]; bytes: number }

export interface Memory {
  onCommitted(
    room: number,
    stored: readonly StoredEvent[],
    pruned: readonly StoredEvent[],
    members: readonly MemberRow[],
  ): void
  listMemberships(user: number): Promise<ReadonlyMap<number, MemberRow>>
  listJoinedUsers(room: number): Promise<ReadonlySet<number>>
  /** The part of a timeline that is wholly in memory; undefined: ask the store. */
  findTimeline(room: number, range: TimelineRange): StoredEvent[] | undefined
  onForgotten(room: number, user: number): void
}

/** Entries (rows of members) in memory, over all users and over all rooms. */
const MEMBERS_MAX = 200_000
const RECENT_BYTES_MAX = 8 * 1024 * 1024
const RECENT_EVENTS_MAX = 64

export function createMemory(reader: Reader): Memory {
  const byUser = new Lru<number, Map<number, MemberRow>>(MEMBERS_MAX)
  const byRoom = new Lru<number, Set<number>>(MEMBERS_MAX)
  const recent = createRecent()
  /** Grows with each change of a member: a list read meanwhile is read again. */
  let version = 0

  async function cached<T extends { size: number }>(lru: Lru<number, T>, key: number, load: () => Promise<T>) {
    const known = lru.get(key)
    if (known !== undefined) return known
    for (;;) {
      const before = version
      const loaded = await load()
      if (before !== version) continue
      lru.set(key, loaded, loaded.size + 1)
      return loaded
    }
  }

  return {
    onCommitted(room, stored, pruned, members) {
      recent.add(room, stored, pruned)
      for (const member of members) {
        version++
        byUser.get(member.user)?.set(room, member)
        const joined = byRoom.get(room)
        if (member.membership === 'join') joined?.add(member.user)
        else joined?.delete(member.user)
      }
    },
    listMemberships: (user) =>
      cached(byUser, user, async () => {
        const rows = await listMembersOfUser(reader, user)
        return new Map(rows.map((row) => [row.room, row]))
      }),
    listJoinedUsers: (room) => cached(byRoom, room, async () => new Set(await listJoinedUsers(reader, room))),
    findTimeline: recent.find,
    onForgotten(room, user) {
      version++
      const rooms = byUser.get(user)
      const member = rooms?.get(room)
      if (member !== undefined) rooms!.set(room, { ...member, forgotten: true })
    },
  }
}

function createRecent() {
  const rooms = new Lru<number, RecentEvents>(RECENT_BYTES_MAX)
  const bytesOf = (event: StoredEvent) => event.body.length + event.rest.length + 200

  function shorten(held: RecentEvents): void {
    while (held.events.length > RECENT_EVENTS_MAX) {
      const oldest = held.events.shift()!
      held.floor = oldest.stream!
      held.bytes -= bytesOf(oldest)
    }
  }

  return {
    add(room: number, stored: readonly StoredEvent[], pruned: readonly StoredEvent[]) {
      const first = stored[0]
      if (first === undefined) return
      const held = rooms.get(room) ?? { floor: first.event - 1, events: [], bytes: 0 }
      for (const event of stored) {
        held.events.push(event)
        held.bytes += bytesOf(event)
      }
      for (const event of pruned) {
        const index = held.events.findIndex((old) => old.event === event.event)
        if (index >= 0) held.events[index] = event
      }
      shorten(held)
      rooms.set(room, held, held.bytes)
    },
    find(room: number, range: TimelineRange): StoredEvent[] | undefined {
      const held = rooms.get(room)
      if (held === undefined) return undefined
      const after = range.after ?? Number.MIN_SAFE_INTEGER
      const before = range.before ?? Number.MAX_SAFE_INTEGER
      const inside = held.events.filter((event) => event.stream! > after && event.stream! < before)
      if (range.direction === 'backwards') {
        if (after < held.floor && inside.length < range.limit) return undefined
        return inside.reverse().slice(0, range.limit)
      }
      return after < held.floor ? undefined : inside.slice(0, range.limit)
    },
  }
}
