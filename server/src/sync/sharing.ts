/** Who shares rooms with a user, now and over a span of positions. */

import type { MemberRow } from '../rooms/index.ts'
import type { SyncDeps } from './sync-deps.ts'
import type { Transition } from './transitions.ts'

type SharingDeps = Pick<SyncDeps, 'rooms'>

/** One whose rooms are looked at. */
export type Sharer = { readonly user: number; readonly memberships: ReadonlyMap<number, MemberRow> }

/**
 * Who came into a room of the viewer or was there when the viewer came; and the same for going. Rooms with more than
 * `membersMax` members are left out.
 */
export async function findMoves(
  { rooms }: SharingDeps,
  viewer: Sharer,
  transitions: readonly Transition[],
  membersMax = Number.POSITIVE_INFINITY,
) {
  const newcomers = new Set<number>()
  const leavers = new Set<number>()
  for (const { room, user, before, after } of transitions) {
    const hasCome = before !== 'join' && after === 'join'
    const hasGone = before === 'join' && after !== 'join'
    if (!hasCome && !hasGone) continue
    const moved = hasCome ? newcomers : leavers
    const members = await rooms.listJoinedUsers(room)
    if (members.size > membersMax) continue
    if (user !== viewer.user) moved.add(user)
    else for (const other of members) moved.add(other)
  }
  newcomers.delete(viewer.user)
  leavers.delete(viewer.user)
  return { newcomers, leavers }
}

/** Answers who shares a room with the viewer; `transitions` are those of the span. */
export function createSharing({ rooms }: SharingDeps, viewer: Sharer, transitions: readonly Transition[]) {
  const joined = [...viewer.memberships.values()].filter((member) => member.membership === 'join')
  const moved = new Set(
    transitions
      .filter(({ before, after }) => before === 'join' || after === 'join')
      .filter(({ before, after }) => before !== after)
      .map(({ room, user }) => `${room} ${user}`),
  )

  async function isIn(user: number, passes: (room: number) => boolean): Promise<boolean> {
    for (const { room } of joined) {
      if (passes(room) && (await rooms.listJoinedUsers(room)).has(user)) return true
    }
    return false
  }

  return {
    isNow: (user: number) => isIn(user, () => true),
    /** In a room that neither of the two came into or went from meanwhile. */
    wasAllAlong: (user: number) =>
      isIn(user, (room) => !moved.has(`${room} ${user}`) && !moved.has(`${room} ${viewer.user}`)),
  }
}
