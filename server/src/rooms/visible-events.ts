/** Which events of a room a user may see: the store's side of the protocol core's history visibility. */

import {
  type HistoryVisibility,
  isVisible,
  readHistoryVisibility,
  stateKeyOf,
  type UserId,
  type ViewerMembership,
} from '@parallax/protocol'
import type { Names, Reader } from '../store/index.ts'
import { contentText } from './client-format.ts'
import { listEvents, listSlotHistory, listSlotVersions, SLOT_HISTORY_MAX } from './event-table.ts'
import { findMember } from './member-table.ts'
import type { StoredEvent } from './rooms.ts'
import type { StateTrees } from './state/state-trees.ts'

export type VisibleDeps = { readonly reader: Reader; readonly names: Names; readonly trees: StateTrees }

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
  const [user, visibility, member] = await deps.names.find([
    viewer,
    stateKeyOf('m.room.history_visibility', ''),
    stateKeyOf('m.room.member', viewer),
  ])
  const history = visibility === undefined ? [] : await listSlotVersions(deps.reader, room, visibility)
  const now = user === undefined ? undefined : await findMember(deps.reader, room, user)
  if (isAllShared(history, now?.membership)) return [...events]
  const joins = await listJoins(deps, room, member)
  const at = await loadAt(deps, { visibility, member }, events)
  return events.filter((event) => {
    const before = at.get(event.snapshot)!
    return isVisible({
      ...before,
      visibilityAfter: event.slot !== null && event.slot === visibility ? visibilityOf(event) : undefined,
      membershipAfter: event.slot !== null && event.slot === member ? membershipOf(event) : undefined,
      joinedLater: joins.some((position) => position > (event.stream ?? 0)),
    })
  })
}

/** Joined now, and the visibility was never anything but shared or world-readable: no need to look at each event. */
function isAllShared(history: readonly StoredEvent[], membership: string | undefined): boolean {
  if (membership !== 'join' || history.length >= SLOT_HISTORY_MAX) return false
  return history.every((event) => ['shared', 'world_readable'].includes(visibilityOf(event)))
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
