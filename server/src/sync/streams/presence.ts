/** The presence of users who share a room with the caller. Spec: client-server-api#presence. */

import type { UserId } from '@parallax/protocol'
import type { Position } from '../../journal/index.ts'
import type { UserPresence } from '../../presence/index.ts'
import { syncLimits } from '../limits.ts'
import { createSharing, findMoves, type Sharer } from '../sharing.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { Transitions } from '../transitions.ts'
import type { SyncView } from '../view.ts'

/** `upto`: presence was told up to here; what came later comes with the next reply. */
export type PresencePart = { readonly texts: readonly string[]; readonly upto: Position }

type PresenceDeps = Pick<SyncDeps, 'presence' | 'rooms' | 'names'> & { readonly transitions: Transitions }

const type = 'm.presence'

/** False: presence is off, or the filter lets none through. */
export function isPresenceWanted(
  { presence }: Pick<SyncDeps, 'presence'>,
  { filter }: Pick<SyncView, 'filter'>,
): boolean {
  return presence.isEnabled && filter.presence.limit !== 0 && (filter.presence.passesType?.(type, undefined) ?? true)
}

/** False: nobody's presence changed; cheap. */
export function mayHavePresence(
  deps: Pick<SyncDeps, 'presence'>,
  view: Pick<SyncView, 'filter' | 'presenceSince'>,
): boolean {
  return deps.presence.lastPosition() > view.presenceSince && isPresenceWanted(deps, view)
}

/** JSON texts of the events: who changed since, and those whom the caller sees newly; at first, who is there. */
export async function readPresence(deps: PresenceDeps, view: SyncView): Promise<PresencePart> {
  if (!isPresenceWanted(deps, view)) return { texts: [], upto: view.upto }
  const viewer = { user: view.caller.user, memberships: view.memberships }
  const changed = mayHavePresence(deps, view) ? await listChanged(deps, view, viewer) : []
  const shown = await withoutIgnored(deps, view, changed)
  const max = Math.max(1, Math.min(view.filter.presence.limit ?? syncLimits.presenceMax, syncLimits.presenceMax))
  const told = shown.slice(0, max)
  const newcomers = await listNewcomers(deps, view, viewer, new Set(shown.map(({ presence }) => presence.user)))
  return {
    texts: [...told, ...(await withoutIgnored(deps, view, newcomers))].map((one) => presenceText(one, view.nowMs)),
    upto: told.length < shown.length ? told.at(-1)!.presence.position : view.upto,
  }
}

type Shown = { readonly presence: UserPresence; readonly userId: string }

async function withoutIgnored(
  { names, rooms }: PresenceDeps,
  { ignored, filter, caller }: SyncView,
  list: readonly UserPresence[],
): Promise<Shown[]> {
  const userIds = await names.texts(list.map(({ user }) => user))
  const shown = list
    .map((presence, index) => ({ presence, userId: userIds[index]! }))
    .filter(({ userId }) => !ignored.has(userId) && (filter.presence.passesType?.(type, userId) ?? true))
  if (!(await rooms.hasLens(caller.user))) return shown
  const quiet = new Set<string>()
  for (const { userId } of shown) if (await rooms.isQuiet(caller.user, userId as UserId)) quiet.add(userId)
  return shown.filter(({ userId }) => !quiet.has(userId))
}

/** Those who share a room with the viewer, and the viewer; oldest change first. */
async function listChanged(deps: PresenceDeps, view: SyncView, viewer: Sharer): Promise<UserPresence[]> {
  const { presence } = deps
  const since = view.presenceSince
  const changed = view.since === undefined ? undefined : presence.listTold(since, view.upto)
  const rooms = await listRooms(deps, viewer)
  if (changed !== undefined) {
    const sees = ({ user, state }: UserPresence) =>
      user === viewer.user ||
      rooms.small.some((members) => members.has(user)) ||
      (state === 'offline' && rooms.large.some((members) => members.has(user)))
    return changed.filter(sees)
  }
  // Everyone who is there; after an absence longer than is remembered, those who went too.
  const users = new Set([viewer.user, ...rooms.small.flatMap((members) => [...members])])
  const found = [...users].flatMap((user) => presence.findTold(user) ?? [])
  const isTold = ({ state, position }: UserPresence) => position <= view.upto && (since > 0 || state !== 'offline')
  return found.filter(isTold).sort((a, b) => a.position - b.position)
}

/** Joined users of the viewer's rooms: of those in which presence is told, and of the others. */
async function listRooms({ rooms }: PresenceDeps, { memberships }: Sharer) {
  const small: ReadonlySet<number>[] = []
  const large: ReadonlySet<number>[] = []
  for (const { room, membership } of memberships.values()) {
    if (membership !== 'join') continue
    const members = await rooms.listJoinedUsers(room)
    if (members.size > syncLimits.presenceRoomMembersMax) large.push(members)
    else small.push(members)
  }
  return { small, large }
}

/** Who came into a room of the viewer, or was there when the viewer came. */
async function listNewcomers(
  deps: PresenceDeps,
  { changes }: SyncView,
  viewer: Sharer,
  known: ReadonlySet<number>,
): Promise<UserPresence[]> {
  if (changes === undefined || changes.members.length === 0) return []
  const transitions = await deps.transitions.list(changes.members)
  const { newcomers } = await findMoves(deps, viewer, transitions, syncLimits.presenceRoomMembersMax)
  const sharing = createSharing(deps, viewer, transitions)
  const found: UserPresence[] = []
  for (const user of newcomers) {
    if (found.length >= syncLimits.presenceMax) break
    if (known.has(user)) continue
    const told = deps.presence.findTold(user) ?? neverSeen(user)
    if (await sharing.isNow(user)) found.push(told)
  }
  return found
}

function neverSeen(user: number): UserPresence {
  return {
    user,
    state: 'offline',
    isCurrentlyActive: false,
    lastActiveMs: undefined,
    statusMessage: undefined,
    position: 0,
  }
}

function presenceText({ presence, userId }: Shown, nowMs: number): string {
  const { state, isCurrentlyActive, lastActiveMs, statusMessage } = presence
  const content = {
    presence: state,
    ...(lastActiveMs === undefined ? {} : { last_active_ago: Math.max(0, nowMs - lastActiveMs) }),
    ...(state === 'online' ? { currently_active: isCurrentlyActive } : {}),
    ...(statusMessage === undefined ? {} : { status_msg: statusMessage }),
  }
  return JSON.stringify({ type, sender: userId, content })
}
