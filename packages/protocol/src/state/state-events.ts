/** What state resolution works on, and what it answers. */

import type { RoomEvent } from '../event/room-event.ts'
import type { EventId } from '../ids.ts'
import type { StateMap } from './state-map.ts'

/** The resolved state, or what must be gathered before it can be told. */
export type Resolution = { readonly state: StateMap } | { readonly missing: readonly EventId[] }

/** Events by ID; the caller gathers them, resolution only asks. */
export interface StateEvents {
  /** Undefined: not at hand; resolution then answers with what it lacks. */
  get(id: EventId): RoomEvent | undefined
  /** True if the event was rejected: such an auth event has no say. */
  isRejected?(id: EventId): boolean
  /** True if the event cannot be had: resolution goes on as if nobody had named it. */
  isLost?(id: EventId): boolean
  /**
   * The auth difference of the forks' whole states, by an index over auth chains: the events that are in some of the
   * states or their auth chains, but not in all. Without it the chains are walked, and must all be at hand.
   */
  authDifference?(): Iterable<EventId>
  /** The conflicted state subgraph (v12) by an index; without it the chains are walked. */
  conflictedSubgraph?(conflicted: readonly EventId[]): Iterable<EventId>
}
