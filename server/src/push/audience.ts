/**
 * For whom notifications are written down: users with a pusher, and those who lately asked for their list. Where none
 * of them is, an event costs push one look into a set.
 */

import type { UserId } from '@parallax/protocol'
import { Lru } from '../base/index.ts'
import { notificationLimits } from './limits.ts'
import type { PushDeps } from './push.ts'

/** A member of a room for whom notifications are written down. */
export type Listener = {
  readonly user: number
  readonly userId: UserId
  /** Position of the join: nothing before it concerns the member. */
  readonly joinedAt: number
}

export type Listeners = ReadonlyMap<number, Listener>

export interface Audience {
  readonly size: number
  has(user: number): boolean
  add(user: number): Promise<void>
  remove(user: number): Promise<void>
  /** Those who are joined to the room, by user. */
  listListeners(room: number): Promise<Listeners>
  /** Keeps the lists current; tell every membership in order. */
  onMembership(room: number, user: number, event: number, membership: string): Promise<void>
}

type AudienceDeps = Pick<PushDeps, 'rooms' | 'names'>

const nobody: Listeners = new Map()

/** The audience that starts with these users. */
export function createAudience({ rooms, names }: AudienceDeps, start: Iterable<number>): Audience {
  const users = new Set(start)
  const byRoom = new Lru<number, Map<number, Listener>>(notificationLimits.membersMax)
  let changes = 0

  async function forgetRoomsOf(user: number): Promise<void> {
    const memberships = await rooms.listMemberships(user)
    changes++
    for (const room of memberships.keys()) byRoom.delete(room)
  }

  async function load(room: number): Promise<Listeners> {
    const before = changes
    const here = [...(await rooms.listJoinedUsers(room))].filter((user) => users.has(user))
    const positions = await findJoins(rooms, room, here)
    const userIds = here.length === 0 ? [] : ((await names.texts(here)) as UserId[])
    const listeners = new Map(
      here.map((user, index) => [user, { user, userId: userIds[index]!, joinedAt: positions.get(user) ?? 0 }]),
    )
    if (changes === before) byRoom.set(room, listeners, listeners.size + 1)
    return listeners
  }

  return {
    get size() {
      return users.size
    },
    has: (user) => users.has(user),
    async add(user) {
      if (users.has(user)) return
      users.add(user)
      await forgetRoomsOf(user)
    },
    async remove(user) {
      if (users.delete(user)) await forgetRoomsOf(user)
    },
    listListeners: async (room) => (users.size === 0 ? nobody : (byRoom.get(room) ?? load(room))),
    async onMembership(room, user, event, membership) {
      if (!users.has(user)) return
      changes++
      const known = byRoom.get(room)
      if (known === undefined) return
      if (membership !== 'join') known.delete(user)
      else if (!known.has(user)) {
        const [userId] = (await names.texts([user])) as [UserId]
        known.set(user, { user, userId, joinedAt: event })
      }
    },
  }
}

/** More members than this are read together with all others of their room. */
const SINGLE_READS_MAX = 50

async function findJoins(
  rooms: PushDeps['rooms'],
  room: number,
  users: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const members =
    users.length > SINGLE_READS_MAX
      ? await rooms.listMembersAfter([room], 0)
      : await Promise.all(users.map((user) => rooms.findMember(room, user)))
  return new Map(members.flatMap((member) => (member === undefined ? [] : [[member.user, member.position]])))
}
