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
import type { StateEvents } from './state-events.ts'
import { type StateMap, stateKeyOf } from './state-map.ts'
import { conflictedSubgraph } from './subgraph.ts'

/** The resolved state, or what must be gathered before it can be told. */
export type Resolution = { readonly state: StateMap } | { readonly missing: readonly EventId[] }

/** The resolution of the states, by the room version's algorithm; the order of the states has no effect. */
export function resolveState(rules: RoomRules, forks: readonly StateMap[], events: StateEvents): Resolution {
  const separated = separateStates(forks, rules.stateResolution === 'v1' ? 'agrees' : 'differs')
  if (separated.conflicted.size === 0) return { state: separated.unconflicted }
  const graph = createEventGraph(events)
  if (rules.stateResolution === 'v1') return resolveV1(rules, separated, graph)
  return resolveV2(rules, forks, separated, graph, events)
}

/** Versions 2 and 2.1 of the algorithm; the steps are those of the text. */
function resolveV2(
  rules: RoomRules,
  forks: readonly StateMap[],
  separated: SeparatedState,
  graph: EventGraph,
  events: StateEvents,
): Resolution {
  const { unconflicted } = separated
  const fullConflicted = findFullConflicted(rules, forks, separated, graph, events)
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
  const resolved = new Map(unconflicted)
  state.forEach((type, stateKey, index) => {
    const key = stateKeyOf(type, stateKey)
    if (!unconflicted.has(key)) resolved.set(key, graph.idOf(index))
  })
  return { state: resolved }
}

/** The full conflicted set; every event of it has been asked for. */
function findFullConflicted(
  rules: RoomRules,
  forks: readonly StateMap[],
  { unconflicted, conflicted }: SeparatedState,
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
    : authDifference(
        graph,
        numbersOf(unconflicted.values()),
        forks.map((fork) => conflictedOf(fork, conflicted).map(graph.indexOf)),
      )
  for (const index of difference) full.add(index)
  for (const index of full) if (graph.eventAt(index) === undefined) full.delete(index)
  return full
}

function conflictedOf(fork: StateMap, conflicted: SeparatedState['conflicted']): EventId[] {
  const ids: EventId[] = []
  for (const key of conflicted.keys()) {
    const id = fork.get(key)
    if (id !== undefined) ids.push(id)
  }
  return ids
}

/** v12: the create event that the room ID names; it is in no event's auth events. */
function createEventOf(graph: EventGraph, indexes: ReadonlySet<number>): RoomEvent | undefined {
  for (const index of indexes) {
    const event = graph.eventAt(index)
    if (event !== undefined) return graph.eventAt(graph.indexOf(`$${event.roomId.slice(1)}` as EventId))
  }
  return undefined
}
