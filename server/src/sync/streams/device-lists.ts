/**
 * Whose devices to look at anew, and whose no longer to follow.
 * Spec: client-server-api#tracking-the-device-list-for-a-user.
 */

import type { UserId } from '@parallax/protocol'
import type { Changes } from '../changes.ts'
import { createSharing, findMoves, type Sharer } from '../sharing.ts'
import type { DeviceListChanges } from '../sync.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Transitions } from '../transitions.ts'

type DeviceListDeps = Pick<SyncDeps, 'rooms' | 'names'> & { readonly transitions: Transitions }

export const noDeviceLists: DeviceListChanges = { changed: [], left: [] }

/** From what changed: users with new devices, users who share a room newly, and users who share none any more. */
export async function readDeviceLists(
  deps: DeviceListDeps,
  viewer: Sharer,
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
  // Who came into a room sees its own user too: so do all who have come, and other devices of the user look anew.
  if (newcomers.size > 0 && hasJoined(viewer, transitions)) changed.add(viewer.user)
  for (const user of leavers) if (!(await sharing.isNow(user))) left.add(user)
  const texts = async (users: ReadonlySet<number>) => (await deps.names.texts([...users])) as UserId[]
  return { changed: await texts(changed), left: await texts(left) }
}

function hasJoined({ user }: Sharer, transitions: Awaited<ReturnType<Transitions['list']>>): boolean {
  return transitions.some((one) => one.user === user && one.before !== 'join' && one.after === 'join')
}
