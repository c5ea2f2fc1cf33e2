/**
 * State resolution: one state from several. Pure: it answers the state, or the events that it lacks to do so.
 * Spec: rooms/v1#state-resolution, rooms/v2#state-resolution, rooms/v12#state-resolution.
 */

import type { RoomEvent } from '../event/room-event.ts'
import type { EventId } from '../ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import { authDifference } from './auth-difference.ts'
import { type SeparatedState, separateStates } from './conflicted.ts'
import { createEventGraph, type EventGraph } from './event-graph.ts'
import { applyAllowed, createResolvingState } from './iterative-checks.ts'
import { mainlineOrder } from './mainline.ts'
import { powerOrder } from './power-order.ts'
import { resolveV1 } from './resolve-v1.ts'
import type { Resolution, StateEvents } from './state-events.ts'
import { type StateMap, type StateMapKey, stateKeyOf } from './state-map.ts'
import { conflictedSubgraph } from './subgraph.ts'

/** The resolution of the states, by the room version's algorithm; the order of the states has no effect. */
export function resolveState(rules: RoomRules, states: readonly StateMap[], events: StateEvents): Resolution {
  const separated = separateStates(states, absenceOf(rules))
  const resolution = resolveConflicts(rules, separated, events)
  if ('missing' in resolution) return resolution
  return { state: new Map([...separated.unconflicted, ...resolution.state]) }
}

/** How `separateStates` takes keys that some state lacks, in rooms of that version. */
export function absenceOf(rules: RoomRules): 'differs' | 'agrees' {
  return rules.stateResolution === 'v1' ? 'agrees' : 'differs'
}

/**
 * As `resolveState`, on states that are taken apart already: its cost follows the conflict, not the size of the states,
 * where an index gives the auth difference. The answer has only what differs from the unconflicted state; a conflicted
 * key that it lacks has no event.
 */
export function resolveConflicts(rules: RoomRules, separated: SeparatedState, events: StateEvents): Resolution {
  if (separated.conflicted.size === 0) return { state: new Map() }
  const graph = createEventGraph(events)
  return rules.stateResolution === 'v1'
    ? resolveV1(rules, separated, graph)
    : resolveV2(rules, separated, graph, events)
}

/** Versions 2 and 2.1 of the algorithm; the steps are those of the text. */
function resolveV2(rules: RoomRules, separated: SeparatedState, graph: EventGraph, events: StateEvents): Resolution {
  const { unconflicted } = separated
  const fullConflicted = findFullConflicted(rules, separated, graph, events)
  const create = rules.privilegedCreators ? createEventOf(graph, fullConflicted) : undefined
  if (graph.missing().length > 0) return { missing: graph.missing() }
  // Step 1.
  const { picked, order: powerEvents } = powerOrder(rules, graph, fullConflicted, create)
  // Step 2; v12: starts from nothing instead of the unconflicted state.
  const state = createResolvingState((type, stateKey) => {
    const id = rules.stateResolution === 'v2.1' ? undefined : unconflicted.get(stateKeyOf(type, stateKey))
    return id === undefined ? undefined : graph.indexOf(id)
  })
  applyAllowed(rules, graph, powerEvents, state, create)
  if (graph.missing().length > 0) return { missing: graph.missing() }
  // Step 3.
  const remaining = [...fullConflicted].filter((index) => !picked.has(index))
  const order = mainlineOrder(graph, remaining, state.get('m.room.power_levels', ''))
  // Step 4.
  applyAllowed(rules, graph, order, state, create)
  if (graph.missing().length > 0) return { missing: graph.missing() }
  // Step 5.
  const resolved = new Map<StateMapKey, EventId>()
  state.forEach((type, stateKey, index) => {
    const key = stateKeyOf(type, stateKey)
    if (unconflicted.get(key) === undefined) resolved.set(key, graph.idOf(index))
  })
  return { state: resolved }
}

/** The full conflicted set; every event of it has been asked for. */
function findFullConflicted(
  rules: RoomRules,
  { unconflicted, conflicted, forks }: SeparatedState,
  graph: EventGraph,
  events: StateEvents,
): ReadonlySet<number> {
  const conflictedIds = [...conflicted.values()].flatMap((ids) => [...ids])
  const full = new Set(conflictedIds.map(graph.indexOf))
  const numbersOf = (ids: Iterable<EventId>): number[] => Array.from(ids, graph.indexOf)
  // v12: the conflicted state subgraph belongs to it.
  if (rules.stateResolution === 'v2.1') {
    const given = events.conflictedSubgraph?.(conflictedIds)
    for (const index of given ? numbersOf(given) : conflictedSubgraph(graph, [...full])) full.add(index)
  }
  const given = events.authDifference?.()
  const difference = given
    ? numbersOf(given)
    : authDifference(graph, numbersOf(unconflicted.values()), forks.map(numbersOf))
  for (const index of difference) full.add(index)
  for (const index of full) if (graph.eventAt(index) === undefined) full.delete(index)
  return full
}

/** v12: the create event that the room ID names; it is in no event's auth events. */
function createEventOf(graph: EventGraph, indexes: ReadonlySet<number>): RoomEvent | undefined {
  for (const index of indexes) {
    const event = graph.eventAt(index)
    if (event !== undefined) return graph.eventAt(graph.indexOf(`$${event.roomId.slice(1)}` as EventId))
  }
  return undefined
}
