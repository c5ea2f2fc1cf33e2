/** The iterative auth checks. Spec: rooms/v2#definitions (iterative auth checks). */

import { allow } from '../auth/allow.ts'
import type { AuthState } from '../auth/auth-state.ts'
import type { RoomEvent } from '../event/room-event.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { EventGraph } from './event-graph.ts'

/** A state under construction: numbers of events by type and state key. */
export interface ResolvingState {
  get(type: string, stateKey: string): number | undefined
  set(type: string, stateKey: string, index: number): void
  /** Calls back for every entry that was set. */
  forEach(visit: (type: string, stateKey: string, index: number) => void): void
}

/** A state that falls back to `base` for what was not set. */
export function createResolvingState(base: (type: string, stateKey: string) => number | undefined): ResolvingState {
  const byType = new Map<string, Map<string, number>>()
  return {
    get: (type, stateKey) => byType.get(type)?.get(stateKey) ?? base(type, stateKey),
    set(type, stateKey, index) {
      const byKey = byType.get(type)
      if (byKey) byKey.set(stateKey, index)
      else byType.set(type, new Map([[stateKey, index]]))
    },
    forEach(visit) {
      for (const [type, byKey] of byType) for (const [stateKey, index] of byKey) visit(type, stateKey, index)
    },
  }
}

/**
 * Applies those of the events, in order, that the rules allow. What the state lacks is taken from the event's own auth
 * events, unless rejected. `create` is the room's create event where auth events do not hold it (v12).
 */
export function applyAllowed(
  rules: RoomRules,
  graph: EventGraph,
  order: readonly number[],
  state: ResolvingState,
  create: RoomEvent | undefined,
): void {
  // Signatures were checked on receipt.
  const facts = { create, authorisingServerSigned: true }
  for (const index of order) {
    const event = graph.eventAt(index)
    if (event?.stateKey === undefined) continue
    if (allow(rules, event, authStateFor(graph, state, index), facts).ok) state.set(event.type, event.stateKey, index)
  }
}

function authStateFor(graph: EventGraph, state: ResolvingState, index: number): AuthState {
  return {
    get(type, stateKey) {
      const resolved = state.get(type, stateKey)
      if (resolved !== undefined) return graph.eventAt(resolved)
      const cited = graph.citedBy(index, type, stateKey)
      return cited === undefined || graph.isRejected(cited) ? undefined : graph.eventAt(cited)
    },
  }
}
