/** Who may see an event: the one place where this is decided. Spec: client-server-api#room-history-visibility. */

import type { JsonObject } from '../json/json.ts'

export type HistoryVisibility = 'world_readable' | 'shared' | 'invited' | 'joined'
/** A user's membership; `none`: there is no member event. */
export type ViewerMembership = 'join' | 'invite' | 'knock' | 'leave' | 'ban' | 'none'

/** What decides whether one user may see one event. "At the event" is the state before it. */
export type VisibilityQuestion = {
  readonly visibility: HistoryVisibility
  /** What the event sets it to, if the event is `m.room.history_visibility`. */
  readonly visibilityAfter?: HistoryVisibility | undefined
  /** The viewer's membership at the event. */
  readonly membership: ViewerMembership
  /** What the event sets it to, if the event is the viewer's own `m.room.member`. */
  readonly membershipAfter?: ViewerMembership | undefined
  /** True if the viewer joined at any point after the event (so also if joined now). */
  readonly joinedLater: boolean
}

/** What decides whether a server may be sent one event as it is, and not redacted. */
export type ServerVisibilityQuestion = {
  readonly visibility: HistoryVisibility
  readonly visibilityAfter?: HistoryVisibility | undefined
  /** The memberships at the event of the server's users, and what the event sets for one of them. */
  readonly memberships: Iterable<ViewerMembership>
  /** True if any of the server's users joined at any point after the event (so also if joined now). */
  readonly joinedLater: boolean
}

/** The value of `m.room.history_visibility`; `shared` where there is none or it is not understood. */
export function readHistoryVisibility(content: JsonObject | undefined): HistoryVisibility {
  const value = content?.history_visibility
  return value === 'world_readable' || value === 'invited' || value === 'joined' ? value : 'shared'
}

/** True if the user may see the event. */
export function isVisible(question: VisibilityQuestion): boolean {
  const { visibility, visibilityAfter, membership, membershipAfter, joinedLater } = question
  return (
    isVisibleWith(visibility, membership, joinedLater) ||
    (visibilityAfter !== undefined && isVisibleWith(visibilityAfter, membership, joinedLater)) ||
    (membershipAfter !== undefined && isVisibleWith(visibility, membershipAfter, joinedLater))
  )
}

/** True if the server may be sent the event whole: if any of its users may see it. */
export function isVisibleToServer(question: ServerVisibilityQuestion): boolean {
  const { visibility, visibilityAfter, memberships, joinedLater } = question
  if (isVisible({ visibility, visibilityAfter, membership: 'none', joinedLater })) return true
  for (const membership of memberships) {
    if (isVisible({ visibility, visibilityAfter, membership, joinedLater })) return true
  }
  return false
}

/**
 * True if the user may ask for the room's history at all; `isVisible` then decides about each event. Who was never
 * joined only gets to read while the room is world-readable.
 */
export function canReadRoom(visibilityNow: HistoryVisibility, hasEverJoined: boolean): boolean {
  return visibilityNow === 'world_readable' || hasEverJoined
}

/** The table of the specification, in its order. */
function isVisibleWith(visibility: HistoryVisibility, membership: ViewerMembership, joinedLater: boolean): boolean {
  if (visibility === 'world_readable') return true
  if (membership === 'join') return true
  if (visibility === 'shared' && joinedLater) return true
  return membership === 'invite' && visibility === 'invited'
}
