/**
 * The whole state before a join, as a server of the room tells it, stored as outliers. Spec:
 * server-server-api#get_matrixfederationv1state_idsroomid.
 */

import { setImmediate } from 'node:timers/promises'
import {
  type EventId,
  type JsonValue,
  ProtocolError,
  parsePdu,
  type RoomEvent,
  type ServerName,
} from '@parallax/protocol'
import { type Parties, RemoteError } from '../../remote/index.ts'
import type { FederationDeps } from '../federation-deps.ts'
import type { OurRoom } from '../inbox/find-our-room.ts'
import { listUnknown } from '../inbox/gap.ts'
import { federationLimits } from '../limits.ts'
import { storeTold } from './store-told.ts'

/** `ids`: of the state; `unproven`: servers whose keys cannot be had, so that events of theirs are not stored. */
export type FetchedState = { readonly ids: readonly EventId[]; readonly unproven: readonly ServerName[] }

/**
 * IDs of the state, of several events for one key the last counts. That after the one event that the join follows is
 * asked for first: a server that has not heard of the join can tell it too. Throws RemoteError.
 */
export async function fetchWholeState(
  deps: FederationDeps,
  where: OurRoom,
  parties: Parties,
  join: RoomEvent,
): Promise<FetchedState> {
  const [before, ...others] = join.prevEvents
  if (before !== undefined && others.length === 0) {
    try {
      const { ids, unproven } = await fetchStateBefore(deps, where, parties, before, [before])
      return { ids: [...ids, before], unproven }
    } catch (error) {
      if (!(error instanceof RemoteError && error.kind === 'refused')) throw error
    }
  }
  return fetchStateBefore(deps, where, parties, join.eventId, [])
}

/** IDs of the state before an event; it and `more` are stored as far as they could be had. */
async function fetchStateBefore(
  deps: FederationDeps,
  where: OurRoom,
  parties: Parties,
  eventId: EventId,
  more: readonly EventId[],
): Promise<FetchedState> {
  const { calls } = deps.remote
  const { pduIds, authChainIds } = await calls.getStateIds(parties, where.roomId, eventId)
  const ids = [...new Set([...authChainIds, ...pduIds])]
  const unknown = await listUnknown(deps, where, ids, true)
  const isWorthAll = unknown.size > 0 && unknown.size * federationLimits.wholeStateShare >= ids.length
  const whole = isWorthAll ? await calls.getState(parties, where.roomId, eventId) : undefined
  const wanted = new Set([...unknown, ...(await listUnknown(deps, where, more, true))])
  const singly = [...wanted].filter((id) => whole === undefined || !unknown.has(id))
  const told = [...(whole?.authChain ?? []), ...(whole?.pdus ?? []), ...(await fetchSingly(deps, parties, singly))]
  const unproven = await storeTold(deps, where, await parseAll(where, told, wanted))
  const lost = await listUnknown(deps, where, pduIds, true)
  if (lost.size === 0) return { ids: pduIds, unproven: [] }
  deps.logger.info({ roomId: where.roomId, count: lost.size, unproven }, 'events of a state were left out')
  return { ids: pduIds, unproven }
}

async function fetchSingly(deps: FederationDeps, parties: Parties, ids: readonly EventId[]): Promise<JsonValue[]> {
  const found: JsonValue[] = []
  for (let from = 0; from < ids.length; from += federationLimits.singlyAtOnce) {
    const part = ids.slice(from, from + federationLimits.singlyAtOnce)
    found.push(...(await Promise.all(part.map((id) => findEvent(deps, parties, id)))))
  }
  return found
}

/** Null: it is not told; one event is not to hold up all. */
async function findEvent({ remote }: FederationDeps, parties: Parties, id: EventId): Promise<JsonValue> {
  try {
    return await remote.calls.getEvent(parties, id)
  } catch (error) {
    if (error instanceof RemoteError && error.kind === 'refused') return null
    throw error
  }
}

/** Those that are wanted and not malformed, each once; others have their turn meanwhile. */
async function parseAll(
  { rules, roomId }: OurRoom,
  told: readonly JsonValue[],
  wanted: ReadonlySet<EventId>,
): Promise<RoomEvent[]> {
  const events = new Map<EventId, RoomEvent>()
  for (const [index, json] of told.entries()) {
    if (index % federationLimits.toldAtOnce === 0) await setImmediate()
    try {
      const event = parsePdu(rules, json, { roomId })
      if (wanted.has(event.eventId)) events.set(event.eventId, event)
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error
    }
  }
  return [...events.values()]
}
