/** What is kept in memory of members and recent events, current with the commits; bounded. */

import { readHistoryVisibility, type ServerName, serverNameOf, stateKeyOf, type UserId } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import type { Names, Reader } from '../store/index.ts'
import { contentText } from './client-format.ts'
import { listSlotVersions, SLOT_HISTORY_MAX } from './event-table.ts'
import { listJoinedUsers, listMembersOfUser } from './member-table.ts'
import { findPartial } from './partial/partial-table.ts'
import { findGap } from './receive/received-table.ts'
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
  /** How many joined users each server has in the room. */
  listJoinedServers(room: number): Promise<ReadonlyMap<ServerName, number>>
  /** The part of a timeline that is wholly in memory; undefined: ask the store. */
  findTimeline(room: number, range: TimelineRange): StoredEvent[] | undefined
  onForgotten(room: number, user: number): void
  /** The room's state, and these users' memberships in it, are no longer what they were. */
  onRewritten(room: number, users: Iterable<number>): void
  /** Place in the timeline of the newest event before which others are missing. */
  findGap(room: number): Promise<number | undefined>
  /** Events of the room are missing that were not, or no longer. */
  onGapsChanged(room: number): void
  /** True if the room's past was never shown to less than all members, in no branch of its history. */
  wasAlwaysShared(room: number): Promise<boolean>
  /** Events were put between those of the timeline, or before them. */
  onHistoryStored(room: number): void
  /** State events of the room were stored, whether they count now or not. */
  onStateStored(room: number): void
}

/** Entries (rows of members) in memory, over all users and over all rooms. */
const MEMBERS_MAX = 200_000
/** Rooms of which is remembered where events are missing, and whether their past is shown. */
const GAPS_MAX = 50_000
const SHARED_MAX = 50_000
const RECENT_BYTES_MAX = 8 * 1024 * 1024
const RECENT_EVENTS_MAX = 64

export function createMemory(reader: Reader, names: Names): Memory {
  const recent = createRecent()
  const memberships = createKept<Map<number, MemberRow>>(MEMBERS_MAX, async (user) => {
    const rows = await listMembersOfUser(reader, user)
    return new Map(rows.map((row) => [row.room, row]))
  })
  const joinedUsers = createKept<Set<number>>(MEMBERS_MAX, async (room) => new Set(await listJoinedUsers(reader, room)))
  const joinedServers = createKept<Map<ServerName, number>>(MEMBERS_MAX, async (room) => {
    const users = (await names.texts([...(await joinedUsers.find(room))])) as UserId[]
    const counts = new Map<ServerName, number>()
    for (const user of users) counts.set(serverNameOf(user), (counts.get(serverNameOf(user)) ?? 0) + 1)
    // Members may be missing whose servers are known: those hear of the room as the others do.
    const partial = await findPartial(reader, room)
    for (const server of partial?.unproven.length === 0 ? partial.servers : []) {
      if (!counts.has(server)) counts.set(server, 1)
    }
    return counts
  })
  const gaps = createKept<{ size: number; place: number | undefined }>(GAPS_MAX, async (room) => {
    return { size: 1, place: await findGap(reader, room, Number.MAX_SAFE_INTEGER) }
  })
  const shared = createKept<{ size: number; wasAlways: boolean }>(SHARED_MAX, async (room) => {
    return { size: 1, wasAlways: await wasAlwaysShared(reader, names, room) }
  })

  return {
    wasAlwaysShared: async (room) => (await shared.find(room)).wasAlways,
    onHistoryStored: (room) => recent.drop(room),
    onStateStored: (room) => shared.drop(room),
    findGap: async (room) => (await gaps.find(room)).place,
    onGapsChanged: (room) => gaps.drop(room),
    onCommitted(room, stored, pruned, members) {
      recent.add(room, stored, pruned)
      if (stored.some(({ slot }) => slot !== null)) shared.drop(room)
      if (members.length > 0) joinedServers.drop(room)
      for (const member of members) {
        memberships.change(member.user, (rooms) => rooms.set(room, member))
        joinedUsers.change(room, (users) => {
          if (member.membership === 'join') users.add(member.user)
          else users.delete(member.user)
        })
      }
    },
    listMemberships: memberships.find,
    listJoinedUsers: joinedUsers.find,
    listJoinedServers: joinedServers.find,
    findTimeline: recent.find,
    onRewritten(room, users) {
      recent.drop(room)
      shared.drop(room)
      joinedUsers.drop(room)
      joinedServers.drop(room)
      for (const user of users) memberships.drop(user)
    },
    onForgotten(room, user) {
      memberships.change(user, (rooms) => {
        const member = rooms.get(room)
        const isOut = member?.membership === 'leave' || member?.membership === 'ban'
        if (isOut) rooms.set(room, { ...member, forgotten: true })
      })
    },
  }
}

async function wasAlwaysShared(reader: Reader, names: Names, room: number): Promise<boolean> {
  const [slot] = await names.find([stateKeyOf('m.room.history_visibility', '')])
  const versions = slot === undefined ? [] : await listSlotVersions(reader, room, slot)
  if (versions.length >= SLOT_HISTORY_MAX) return false
  return versions.every((event) => sharedMeanings.has(readHistoryVisibility(JSON.parse(contentText(event)))))
}

const sharedMeanings: ReadonlySet<string> = new Set(['shared', 'world_readable'])

type Loading<T> = { readonly value: Promise<T>; isOutdated: boolean }

/** Lists by number, read when asked for and kept current by `change`; `sizeMax` bounds the sum of their sizes. */
function createKept<T extends { readonly size: number }>(sizeMax: number, load: (key: number) => Promise<T>) {
  const kept = new Lru<number, T>(sizeMax)
  const loading = new Map<number, Loading<T>>()

  function startLoad(key: number): Loading<T> {
    const started: Loading<T> = { value: load(key), isOutdated: false }
    loading.set(key, started)
    const ended = () => {
      if (loading.get(key) === started) loading.delete(key)
    }
    started.value.then(ended, ended)
    return started
  }

  function outdate(key: number): void {
    const load = loading.get(key)
    if (load === undefined) return
    load.isOutdated = true
    loading.delete(key)
  }

  return {
    async find(key: number): Promise<T> {
      for (;;) {
        const known = kept.get(key)
        if (known !== undefined) return known
        const load = loading.get(key) ?? startLoad(key)
        const value = await load.value
        // Changed while it was read: whether the change is in it is not known.
        if (load.isOutdated) continue
        if (!kept.has(key)) kept.set(key, value, value.size + 1)
        return kept.get(key) ?? value
      }
    },
    /** Forgets the value: the next `find` reads it again. */
    drop(key: number): void {
      outdate(key)
      kept.delete(key)
    },
    change(key: number, apply: (value: T) => void): void {
      outdate(key)
      const value = kept.get(key)
      if (value === undefined) return
      apply(value)
      kept.set(key, value, value.size + 1)
    },
  }
}

/** Everything after it is held: of a room that was made just now, all. */
function floorBefore(first: StoredEvent): number {
  return first.snapshot === 0 ? Number.MIN_SAFE_INTEGER : first.stream! - 1
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
    drop: (room: number) => rooms.delete(room),
    add(room: number, stored: readonly StoredEvent[], pruned: readonly StoredEvent[]) {
      const first = stored[0]
      const held = rooms.get(room) ?? (first && { floor: floorBefore(first), events: [], bytes: 0 })
      if (held === undefined) return
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
