/** Which events of a room a user may see: the store's side of the protocol core's history visibility. */

import {
  type HistoryVisibility,
  isVisible,
  readHistoryVisibility,
  type ServerName,
  type Signer,
  serverNameOf,
  stateKeyOf,
  type UserId,
  type ViewerMembership,
} from '@parallax/protocol'
import type { Names, Reader } from '../store/index.ts'
import { contentText } from './client-format.ts'
import { listEvents, listSlotHistory } from './event-table.ts'
import { findMember } from './member-table.ts'
import type { Memory } from './memory.ts'
import type { StoredEvent } from './rooms.ts'
import type { StateTrees } from './state/state-trees.ts'
import { headerOf } from './views/event-header.ts'

export type VisibleDeps = {
  readonly reader: Reader
  readonly names: Names
  readonly trees: StateTrees
  readonly memory: Pick<Memory, 'wasAlwaysShared'>
}
export type MemberVisibleDeps = VisibleDeps & { readonly findSigner: (server: ServerName) => Signer | undefined }

const visibilityKey = stateKeyOf('m.room.history_visibility', '')

type Slots = { readonly visibility: number | undefined; readonly member: number | undefined }
/** Visibility and membership by snapshot. */
type At = { readonly visibility: HistoryVisibility; readonly membership: ViewerMembership }

/** Those of the events of one room that the user may see, in the same order. */
export async function filterVisible(
  deps: VisibleDeps,
  room: number,
  viewer: UserId,
  events: readonly StoredEvent[],
): Promise<StoredEvent[]> {
  if (events.length === 0) return []
  const [user, visibility, member] = await deps.names.find([viewer, visibilityKey, stateKeyOf('m.room.member', viewer)])
  const now = user === undefined ? undefined : await findMember(deps.reader, room, user)
  // No need to look at each event.
  if (now?.membership === 'join' && (await deps.memory.wasAlwaysShared(room))) return [...events]
  const isJoined = now?.membership === 'join'
  const joins = isJoined ? [] : await listJoins(deps, room, member)
  const at = await loadAt(deps, { visibility, member }, events)
  return events.filter((event) => {
    const before = at.get(event.snapshot)!
    return isVisible({
      ...before,
      visibilityAfter: event.slot !== null && event.slot === visibility ? visibilityOf(event) : undefined,
      membershipAfter: event.slot !== null && event.slot === member ? membershipOf(event) : undefined,
      joinedLater: isJoined || joins.some((position) => position > (event.stream ?? 0)),
    })
  })
}

/** A member of a room: `since` is the position of a member event from which on the user was joined. */
export type VisibleMember = { readonly userId: UserId; readonly since: number }

/** The same for who is in the room now. Quick for what everybody sees who was there when it came. */
export async function filterForMember(
  deps: MemberVisibleDeps,
  room: number,
  { userId, since }: VisibleMember,
  events: readonly StoredEvent[],
): Promise<readonly StoredEvent[]> {
  if (events.length === 0 || (await deps.memory.wasAlwaysShared(room))) return events
  const isCertain = events.every((event) => event.stream !== null && event.stream >= since && isOurs(deps, event))
  return isCertain ? events : filterVisible(deps, room, userId, events)
}

/**
 * True if all may see the event who were joined when it came: so of our own users' events, which rest on all that was
 * here, but not of others', which may rest on a time before a join that came first.
 */
export async function isSeenByMembers(deps: MemberVisibleDeps, event: StoredEvent): Promise<boolean> {
  return isOurs(deps, event) || (await deps.memory.wasAlwaysShared(event.room))
}

function isOurs({ findSigner }: MemberVisibleDeps, event: StoredEvent): boolean {
  return findSigner(serverNameOf(headerOf(event).sender)) !== undefined
}

/** Positions at which the viewer joined. */
async function listJoins(deps: VisibleDeps, room: number, member: number | undefined): Promise<number[]> {
  const history = member === undefined ? [] : await listSlotHistory(deps.reader, room, member)
  return history.filter((event) => membershipOf(event) === 'join').map((event) => event.stream ?? 0)
}

async function loadAt(deps: VisibleDeps, slots: Slots, events: readonly StoredEvent[]): Promise<Map<number, At>> {
  const wanted = [slots.visibility, slots.member].filter((slot) => slot !== undefined)
  const bySnapshot = new Map<number, readonly (number | undefined)[]>()
  for (const { snapshot } of events) {
    if (bySnapshot.has(snapshot)) continue
    const found = snapshot === 0 ? [] : await deps.trees.find(await deps.trees.requireRoot(snapshot), wanted)
    const place = (slot: number | undefined) => (slot === undefined ? undefined : found[wanted.indexOf(slot)])
    bySnapshot.set(snapshot, [place(slots.visibility), place(slots.member)])
  }
  const numbers = [...new Set([...bySnapshot.values()].flat())].filter((number) => number !== undefined)
  const stored = new Map((await listEvents(deps.reader, numbers)).map((event) => [event.event, event]))
  const at = new Map<number, At>()
  for (const [snapshot, [visibility, member]] of bySnapshot) {
    const visibilityEvent = visibility === undefined ? undefined : stored.get(visibility)
    const memberEvent = member === undefined ? undefined : stored.get(member)
    at.set(snapshot, {
      visibility: visibilityEvent === undefined ? 'shared' : visibilityOf(visibilityEvent),
      membership: memberEvent === undefined ? 'none' : membershipOf(memberEvent),
    })
  }
  return at
}

/** What an `m.room.history_visibility` event sets. */
export function visibilityOf(event: StoredEvent): HistoryVisibility {
  return readHistoryVisibility(JSON.parse(contentText(event)))
}

/** What an `m.room.member` event sets. */
export function membershipOf(event: StoredEvent): ViewerMembership {
  const { membership } = JSON.parse(contentText(event))
  return ['join', 'invite', 'knock', 'leave', 'ban'].includes(membership) ? membership : 'none'
}
