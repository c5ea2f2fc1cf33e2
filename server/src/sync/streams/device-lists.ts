/**
 * Whose devices to look at anew, and whose no longer to follow.
 * Spec: client-server-api#tracking-the-device-list-for-a-user.
 */

import type { UserId } from '@parallax/protocol'
import type { MemberRow } from '../../rooms/index.ts'
import type { Changes } from '../changes.ts'
import type { DeviceListChanges } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Transition, Transitions } from '../transitions.ts'

type DeviceListDeps = Pick<SyncDeps, 'rooms' | 'names'> & { readonly transitions: Transitions }

export type DeviceListViewer = { readonly user: number; readonly memberships: ReadonlyMap<number, MemberRow> }

export const noDeviceLists: DeviceListChanges = { changed: [], left: [] }

/** From what changed: users with new devices, users who share a room newly, and users who share none any more. */
export async function readDeviceLists(
  deps: DeviceListDeps,
  viewer: DeviceListViewer,
  changes: Changes,
): Promise<DeviceListChanges> {
  if (changes.deviceLists.size === 0 && changes.members.length === 0) return noDeviceLists
  const transitions = await deps.transitions.list(changes.members)
  const sharing = createSharing(deps, viewer, transitions)
  const { newcomers, leavers } = await findMoves(deps, viewer, transitions)
  const changed = new Set<number>()
  const left = new Set<number>()
  for (const user of changes.deviceLists) {
    if (user === viewer.user || (await sharing.isNow(user))) changed.add(user)
  }
  for (const user of newcomers) {
    if (!(await sharing.wasAllAlong(user)) && (await sharing.isNow(user))) changed.add(user)
  }
  for (const user of leavers) if (!(await sharing.isNow(user))) left.add(user)
  const texts = async (users: ReadonlySet<number>) => (await deps.names.texts([...users])) as UserId[]
  return { changed: await texts(changed), left: await texts(left) }
}

/** Who came into a room of the viewer or was there when the viewer came; and the same for going. */
async function findMoves({ rooms }: DeviceListDeps, viewer: DeviceListViewer, transitions: readonly Transition[]) {
  const newcomers = new Set<number>()
  const leavers = new Set<number>()
  for (const { room, user, before, after } of transitions) {
    const hasCome = before !== 'join' && after === 'join'
    const hasGone = before === 'join' && after !== 'join'
    if (!hasCome && !hasGone) continue
    const moved = hasCome ? newcomers : leavers
    if (user !== viewer.user) moved.add(user)
    else for (const other of await rooms.listJoinedUsers(room)) moved.add(other)
  }
  newcomers.delete(viewer.user)
  leavers.delete(viewer.user)
  return { newcomers, leavers }
}

function createSharing({ rooms }: DeviceListDeps, viewer: DeviceListViewer, transitions: readonly Transition[]) {
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
