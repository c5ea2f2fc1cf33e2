/**
 * State resolution of room version 1. Spec: rooms/v1#state-resolution.
 * NOTE: the text lists all conflicting members at once; as in every server, each key is resolved by itself, all of one
 * pass against the same state, so that the order of the keys has no effect.
 */

import { allow } from '../auth/allow.ts'
import type { AuthState } from '../auth/auth-state.ts'
import type { RoomEvent } from '../event/room-event.ts'
import type { EventId } from '../ids.ts'
import type { RoomRules } from '../room-version/rules.ts'
import type { SeparatedState } from './conflicted.ts'
import type { EventGraph } from './event-graph.ts'
import { sha1Hex } from './sha1.ts'
import type { Resolution } from './state-events.ts'
import { type StateMapKey, splitStateKey, stateKeyOf } from './state-map.ts'

const passes = ['m.room.power_levels', 'm.room.join_rules', 'm.room.member']

/** What version 1 of the algorithm makes of the conflicts. */
export function resolveV1(rules: RoomRules, separated: SeparatedState, graph: EventGraph): Resolution {
  const candidates = new Map<StateMapKey, readonly RoomEvent[]>()
  for (const [key, ids] of separated.conflicted) {
    const events = [...ids].map((id) => graph.eventAt(graph.indexOf(id))).filter((event) => event !== undefined)
    candidates.set(key, inOrder(events))
  }
  if (graph.missing().length > 0) return { missing: graph.missing() }
  const resolved = new Map<StateMapKey, EventId>()
  const auth: AuthState = {
    get(type, stateKey) {
      const key = stateKeyOf(type, stateKey)
      const id = resolved.get(key) ?? separated.unconflicted.get(key)
      return id === undefined ? undefined : graph.eventAt(graph.indexOf(id))
    },
  }
  const isOfPass = (key: StateMapKey, pass: string): boolean => {
    const [type, stateKey] = splitStateKey(key)
    return type === pass && (pass !== 'm.room.power_levels' || stateKey === '')
  }
  for (const pass of passes) {
    const keys = [...candidates.keys()].filter((key) => isOfPass(key, pass))
    const winners = keys.map((key) => [key, lastOfChain(rules, candidates.get(key)!, auth)] as const)
    for (const [key, winner] of winners) {
      if (winner) resolved.set(key, winner.eventId)
      candidates.delete(key)
    }
  }
  const winners = [...candidates].map(([key, events]) => [key, firstAllowed(rules, events, auth)] as const)
  for (const [key, winner] of winners) if (winner) resolved.set(key, winner.eventId)
  return graph.missing().length > 0 ? { missing: graph.missing() } : { state: resolved }
}

/** By ascending depth, then descending SHA-1 of the ID. */
function inOrder(events: readonly RoomEvent[]): RoomEvent[] {
  const hashes = new Map(events.map((event) => [event, sha1Hex(event.eventId)]))
  return events.toSorted((a, b) => a.depth - b.depth || (hashes.get(a)! > hashes.get(b)! ? -1 : 1))
}

/** The first event stands; each next one replaces it as long as the state with the one before allows it. */
function lastOfChain(rules: RoomRules, events: readonly RoomEvent[], auth: AuthState): RoomEvent | undefined {
  let winner = events[0]
  for (const event of events.slice(1)) {
    const current = winner
    const withWinner: AuthState = {
      get: (type, stateKey) =>
        type === current?.type && stateKey === current.stateKey ? current : auth.get(type, stateKey),
    }
    if (!isAllowed(rules, event, withWinner)) break
    winner = event
  }
  return winner
}

/** The event of the greatest depth that the state allows; if it allows none, the one of the least depth. */
function firstAllowed(rules: RoomRules, events: readonly RoomEvent[], auth: AuthState): RoomEvent | undefined {
  return events.findLast((event) => isAllowed(rules, event, auth)) ?? events[0]
}

function isAllowed(rules: RoomRules, event: RoomEvent, auth: AuthState): boolean {
  return allow(rules, event, auth, { create: undefined, authorisingServerSigned: true }).ok
}
