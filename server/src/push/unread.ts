/**
 * What users were notified of and have not read: the count on their devices' badges. In memory while it changes; the
 * follower of the journal alone changes it, in the order of the journal, and loads before it changes.
 */

import type { Reader } from '../store/index.ts'
import { notificationLimits } from './limits.ts'
import { listUnread } from './notification-table.ts'

export type UnreadItem = { readonly room: number; readonly thread: string; readonly isCall: boolean }

export type Badge = { readonly unread: number; readonly missedCalls: number }

/** Items of one user by room and event. */
type OfUser = { readonly rooms: Map<number, Map<number, UnreadItem>>; size: number; calls: number }

export interface Unread {
  load(users: readonly number[]): Promise<void>
  count(user: number): Promise<Badge>
  /** The user must be loaded, here and below. */
  has(user: number, room: number): boolean
  /** True if an event after this one is unread. */
  hasAfter(user: number, event: number): boolean
  add(user: number, event: number, item: UnreadItem): void
  /** Takes away what `isGone` says of one room; answers the events. */
  remove(user: number, room: number, isGone: (event: number, item: UnreadItem) => boolean): number[]
  /** Takes away what is not newer than the event, in whatever room. */
  removeUpTo(user: number, event: number): void
  /** It is loaded again when it is asked for. */
  forget(user: number): void
  /** Forgets the users that were loaded first, as far as there are too many: when nothing waits to be committed. */
  trim(): void
}

export function createUnread(reader: Reader): Unread {
  const known = new Map<number, OfUser>()
  const loading = new Map<number, Promise<void>>()
  let total = 0

  function put(of: OfUser, event: number, item: UnreadItem): void {
    const room = of.rooms.get(item.room) ?? new Map<number, UnreadItem>()
    of.rooms.set(item.room, room)
    if (room.has(event)) return
    room.set(event, item)
    of.size++
    of.calls += Number(item.isCall)
    total++
  }

  function startLoad(users: readonly number[]): void {
    const reading = listUnread(reader, users).then(
      (rows) => {
        // Whoever was forgotten meanwhile is read again.
        const kept = new Set(users.filter((user) => loading.get(user) === reading))
        for (const user of kept) {
          loading.delete(user)
          known.set(user, { rooms: new Map(), size: 0, calls: 0 })
          total++
        }
        for (const row of rows) if (kept.has(row.user)) put(known.get(row.user)!, row.event, row)
      },
      (error: unknown) => {
        for (const user of users) if (loading.get(user) === reading) loading.delete(user)
        throw error
      },
    )
    for (const user of users) loading.set(user, reading)
  }

  async function load(users: readonly number[]): Promise<void> {
    for (;;) {
      const missing = users.filter((user) => !known.has(user))
      if (missing.length === 0) return
      const fresh = missing.filter((user) => !loading.has(user))
      if (fresh.length > 0) startLoad(fresh)
      await Promise.all(missing.map((user) => loading.get(user)))
    }
  }

  function forget(user: number): void {
    loading.delete(user)
    const of = known.get(user)
    if (of === undefined) return
    known.delete(user)
    total -= of.size + 1
  }

  function remove(user: number, room: number, isGone: (event: number, item: UnreadItem) => boolean): number[] {
    const of = known.get(user)
    const items = of?.rooms.get(room)
    if (of === undefined || items === undefined) return []
    const gone = [...items].filter(([event, item]) => isGone(event, item))
    for (const [event, { isCall }] of gone) {
      items.delete(event)
      of.calls -= Number(isCall)
    }
    if (items.size === 0) of.rooms.delete(room)
    of.size -= gone.length
    total -= gone.length
    return gone.map(([event]) => event)
  }

  return {
    load,
    async count(user) {
      await load([user])
      const of = known.get(user)
      return { unread: of?.size ?? 0, missedCalls: of?.calls ?? 0 }
    },
    has: (user, room) => known.get(user)?.rooms.has(room) === true,
    hasAfter(user, after) {
      for (const items of known.get(user)?.rooms.values() ?? []) {
        for (const event of items.keys()) if (event > after) return true
      }
      return false
    },
    add(user, event, item) {
      const of = known.get(user)
      if (of !== undefined) put(of, event, item)
    },
    remove,
    removeUpTo(user, upTo) {
      for (const room of [...(known.get(user)?.rooms.keys() ?? [])]) remove(user, room, (event) => event <= upTo)
    },
    forget,
    trim() {
      for (const user of known.keys()) {
        if (total <= notificationLimits.unreadMax) break
        forget(user)
      }
    },
  }
}
