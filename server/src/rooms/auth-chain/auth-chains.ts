/** Keeps the auth-chain index and answers from it. Places and ends of chains in memory are bounded. */

import type { EventId } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { Reader, Writer } from '../../store/index.ts'
import { listEvents, listEventsById } from '../event-table.ts'
import {
  insertLink,
  insertPlace,
  listLasts,
  listLinks,
  listOfChain,
  listOfChains,
  listPlaces,
} from './auth-chain-table.ts'
import {
  firstReaching,
  followLinks,
  type Link,
  type Place,
  placeEvent,
  type Reach,
  reachBelow,
  reachDifference,
} from './places.ts'

const PLACES_MAX = 20_000
/** Chains whose events are read together. */
const CHAINS_AT_ONCE = 1000

/** Types of state events that others name among their auth events. */
const authorising = new Set([
  'm.room.create',
  'm.room.power_levels',
  'm.room.join_rules',
  'm.room.member',
  'm.room.third_party_invite',
])

/** Places loaded for one turn, which then grow with the events that it adds. */
export type TurnPlaces = { readonly places: Map<number, Place>; readonly lasts: Map<number, number> }

export interface AuthChains {
  /** Loads what placing events needs: the places of the auth events that are stored already. */
  load(authEvents: readonly number[]): Promise<TurnPlaces>
  /** Stores the place of a new state event; call in the order of the events. */
  insert(tx: Writer, turn: TurnPlaces, event: { number: number; type: string; authEvents: readonly number[] }): void
  /** Keeps in memory what a committed turn has placed. */
  remember(turn: TurnPlaces): void
  /** Events that are in the auth chains (with the events themselves) of some of the sets but not of all. */
  difference(sets: readonly (readonly number[])[]): Promise<number[]>
  /** Those of the candidates that are among the events or in their auth chains. */
  listReached(events: readonly number[], candidates: readonly number[]): Promise<ReadonlySet<number>>
  /** All events on paths of auth events from one of these to another, ends included where there is such a path. */
  subgraph(events: readonly number[]): Promise<number[]>
  /** The auth chains of these events; the events themselves only where others of them rest on them. */
  listAuthChain(events: readonly number[]): Promise<number[]>
}

export function createAuthChains(reader: Reader): AuthChains {
  const places = new Lru<number, Place>(PLACES_MAX)
  const lasts = new Lru<number, number>(PLACES_MAX)

  async function loadPlaces(events: readonly number[]): Promise<Map<number, Place>> {
    const found = new Map<number, Place>()
    const missing: number[] = []
    for (const event of events) {
      const place = places.get(event)
      if (place === undefined) missing.push(event)
      else found.set(event, place)
    }
    if (missing.length === 0) return found
    for (const { event, chain, sequence } of await listPlaces(reader, missing)) {
      found.set(event, { chain, sequence })
      places.set(event, { chain, sequence })
    }
    return found
  }

  return {
    async load(authEvents) {
      const found = await loadPlaces(authEvents)
      const chains = [...new Set([...found.values()].map((place) => place.chain))]
      const ends = new Map<number, number>()
      for (const chain of chains) {
        const last = lasts.get(chain)
        if (last !== undefined) ends.set(chain, last)
      }
      const missing = chains.filter((chain) => !ends.has(chain))
      if (missing.length === 0) return { places: found, lasts: ends }
      for (const [chain, last] of await listLasts(reader, missing)) {
        ends.set(chain, last)
        lasts.set(chain, last)
      }
      return { places: found, lasts: ends }
    },
    insert(tx, turn, { number, type, authEvents }) {
      if (!authorising.has(type)) return
      const authPlaces = authEvents.flatMap((event) => turn.places.get(event) ?? [])
      const { place, links } = placeEvent(number, authPlaces, (chain) => turn.lasts.get(chain) ?? 0)
      turn.places.set(number, place)
      turn.lasts.set(place.chain, place.sequence)
      insertPlace(tx, number, place)
      for (const link of links) insertLink(tx, link)
    },
    remember(turn) {
      for (const [event, place] of turn.places) places.set(event, place)
      for (const [chain, last] of turn.lasts) lasts.set(chain, last)
    },
    difference: (sets) => findDifference(reader, loadPlaces, sets),
    listReached: (events, candidates) => listReached(reader, loadPlaces, events, candidates),
    subgraph: (events) => findSubgraph(reader, loadPlaces, events),
    listAuthChain: (events) => listAuthChain(reader, loadPlaces, events),
  }
}

type LoadPlaces = (events: readonly number[]) => Promise<ReadonlyMap<number, Place>>

async function findDifference(
  reader: Reader,
  loadPlaces: LoadPlaces,
  sets: readonly (readonly number[])[],
): Promise<number[]> {
  const reaches = await Promise.all(sets.map((set) => findReach(reader, loadPlaces, set)))
  const parts = reachDifference(reaches)
  const events = await Promise.all(parts.map(({ chain, after, upTo }) => listOfChain(reader, chain, after, upTo)))
  const placed = await loadPlaces([...new Set(sets.flat())])
  return [...events.flat(), ...listUnshared(sets.map((set) => set.filter((event) => !placed.has(event))))]
}

/** Those of the events that no other rests on have no place: they reach what their auth events reach. */
async function findReach(reader: Reader, loadPlaces: LoadPlaces, events: readonly number[]): Promise<Reach> {
  return (await walk(reader, await findStarts(reader, loadPlaces, events))).reach
}

/** The places of the events, and of the auth events of those that have none. */
async function findStarts(reader: Reader, loadPlaces: LoadPlaces, events: readonly number[]): Promise<Starts> {
  const placed = await loadPlaces(events)
  const loose = events.filter((event) => !placed.has(event))
  const roots = await loadPlaces(loose.length === 0 ? [] : await listAuthEvents(reader, loose))
  return { placed, roots: [...roots.values()] }
}

type Starts = { readonly placed: ReadonlyMap<number, Place>; readonly roots: readonly Place[] }

/** What is reached from places, and the links that leave the chains in it. */
async function walk(reader: Reader, { placed, roots }: Starts): Promise<{ reach: Map<number, number>; links: Link[] }> {
  const reach = new Map<number, number>()
  for (const { chain, sequence } of [...placed.values(), ...roots]) {
    reach.set(chain, Math.max(sequence, reach.get(chain) ?? 0))
  }
  const links = new Map<number, Link[]>()
  let frontier = [...reach.keys()]
  while (frontier.length > 0) {
    const found = await listLinks(reader, frontier)
    for (const [chain, leaving] of Map.groupBy(found, (link) => link.chain)) links.set(chain, leaving)
    frontier = followLinks(reach, found)
  }
  return { reach, links: [...links.values()].flat() }
}

async function listReached(
  reader: Reader,
  loadPlaces: LoadPlaces,
  events: readonly number[],
  candidates: readonly number[],
): Promise<ReadonlySet<number>> {
  if (candidates.length === 0) return new Set()
  const given = new Set(events)
  const reach = await findReach(reader, loadPlaces, events)
  const placed = await loadPlaces(candidates)
  const isReached = (event: number) => {
    const place = placed.get(event)
    return given.has(event) || (place !== undefined && (reach.get(place.chain) ?? 0) >= place.sequence)
  }
  return new Set(candidates.filter(isReached))
}

async function findSubgraph(reader: Reader, loadPlaces: LoadPlaces, events: readonly number[]): Promise<number[]> {
  const starts = await findStarts(reader, loadPlaces, events)
  const { reach, links } = await walk(reader, starts)
  const first = firstReaching([...starts.placed.values()], links)
  const found: number[] = []
  for (const [chain, upTo] of reach) {
    const from = first.get(chain)
    if (from !== undefined && from <= upTo) found.push(...(await listOfChain(reader, chain, from - 1, upTo)))
  }
  return found
}

async function listAuthChain(reader: Reader, loadPlaces: LoadPlaces, events: readonly number[]): Promise<number[]> {
  const starts = await findStarts(reader, loadPlaces, events)
  const { reach, links } = await walk(reader, starts)
  const below = reachBelow([...starts.placed.values()], reach, links)
  for (const { chain, sequence } of starts.roots) below.set(chain, Math.max(sequence, below.get(chain) ?? 0))
  const chains = [...below].filter(([, upTo]) => upTo > 0).map(([chain]) => chain)
  const found: number[] = []
  for (let from = 0; from < chains.length; from += CHAINS_AT_ONCE) {
    const onChains = await listOfChains(reader, chains.slice(from, from + CHAINS_AT_ONCE))
    for (const { event, chain, sequence } of onChains) if (sequence <= below.get(chain)!) found.push(event)
  }
  return found
}

/** Numbers of the events that these name among their auth events. */
async function listAuthEvents(reader: Reader, events: readonly number[]): Promise<number[]> {
  const ids = new Set<EventId>()
  for (const { rest } of await listEvents(reader, events)) {
    // Versions 1–2: pairs of an ID and hashes.
    const { auth_events: references } = JSON.parse(`{${rest}}`)
    for (const reference of references) ids.add(Array.isArray(reference) ? reference[0] : reference)
  }
  return (await listEventsById(reader, [...ids])).map((stored) => stored.event)
}

/** What some of the sets hold and others lack. */
function listUnshared(sets: readonly (readonly number[])[]): number[] {
  const counts = new Map<number, number>()
  for (const set of sets) for (const event of new Set(set)) counts.set(event, (counts.get(event) ?? 0) + 1)
  return [...counts].filter(([, count]) => count < sets.length).map(([event]) => event)
}
