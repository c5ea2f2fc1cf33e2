/** One state from those of several forks: gathers for the protocol core's `resolveConflicts` until it lacks nothing. */

import {
  absenceOf,
  type EventId,
  type Resolution,
  type RoomRules,
  resolveConflicts,
  type SeparatedState,
  type StateEvents,
  type StateMapKey,
} from '@parallax/protocol'
import type { Names } from '../../store/index.ts'
import type { AuthChains } from '../auth-chain/auth-chains.ts'
import type { StateTrees } from '../state/state-trees.ts'
import type { LoadedEvents } from './loaded-events.ts'
import { findInState, listDifferences, OWN_EVENT, type RoomState } from './room-state.ts'

export type ResolveDeps = { readonly trees: StateTrees; readonly names: Names; readonly authChains: AuthChains }

/** How often is gathered for one resolution: at worst each event names only the next. */
const ROUNDS_MAX = 2000

/** The forks taken apart, by slot and key. */
type Conflict = {
  readonly keys: ReadonlyMap<number, StateMapKey>
  readonly agreed: ReadonlyMap<StateMapKey, EventId>
  readonly separated: Omit<SeparatedState, 'unconflicted'>
  /** Numbers of the events under conflicted keys, fork by fork. */
  readonly forks: readonly (readonly number[])[]
}

/** The state that the forks resolve to; `events` may hold the event that is being received as number 0. */
export async function resolveForks(
  deps: ResolveDeps,
  rules: RoomRules,
  forks: readonly RoomState[],
  events: LoadedEvents,
): Promise<RoomState> {
  const [base, ...others] = forks as [RoomState, ...RoomState[]]
  const slots = new Set<number>()
  for (const other of others) {
    for (const { slot } of await listDifferences(deps.trees, base, other)) slots.add(slot)
  }
  if (slots.size === 0) return base
  const conflict = await takeApart(deps, rules, forks, [...slots], events)
  const resolved = await resolve(deps, rules, base, conflict, events)
  return applyResolved(deps.trees, base, conflict, resolved, events)
}

async function takeApart(
  { trees, names }: ResolveDeps,
  rules: RoomRules,
  forks: readonly RoomState[],
  slots: readonly number[],
  events: LoadedEvents,
): Promise<Conflict> {
  const values = await Promise.all(forks.map((fork) => findInState(trees, fork, slots)))
  await events.load(values.flat().filter((number) => number !== undefined && number !== OWN_EVENT) as number[])
  const texts = (await names.texts(slots)) as StateMapKey[]
  const idOf = (number: number): EventId => requireLoaded(events, number).event.eventId
  const agreed = new Map<StateMapKey, EventId>()
  const conflicted = new Map<StateMapKey, Set<EventId>>()
  const inConflict: number[] = []
  for (const [index, key] of texts.entries()) {
    const here = values.map((ofFork) => ofFork[index]).filter((number) => number !== undefined)
    const ids = new Set(here.map(idOf))
    const isAgreed = ids.size === 1 && (here.length === forks.length || absenceOf(rules) === 'agrees')
    if (isAgreed) agreed.set(key, [...ids][0]!)
    else {
      conflicted.set(key, ids)
      inConflict.push(index)
    }
  }
  const numbers = values.map((ofFork) => inConflict.map((index) => ofFork[index]).filter((one) => one !== undefined))
  return {
    keys: new Map(slots.map((slot, index) => [slot, texts[index]!])),
    agreed,
    separated: { conflicted, forks: numbers.map((ofFork) => ofFork.map(idOf)) },
    forks: numbers,
  }
}

async function resolve(
  deps: ResolveDeps,
  rules: RoomRules,
  base: RoomState,
  conflict: Conflict,
  events: LoadedEvents,
): Promise<ReadonlyMap<StateMapKey, EventId>> {
  if (conflict.separated.conflicted.size === 0) return new Map()
  const index = await askIndex(deps, rules, base, conflict, events)
  const looked = new Map<StateMapKey, EventId | undefined>()
  const wanted = new Set<StateMapKey>()
  const unconflicted = {
    get(key: StateMapKey): EventId | undefined {
      if (conflict.agreed.has(key) || conflict.separated.conflicted.has(key)) return conflict.agreed.get(key)
      if (!looked.has(key)) wanted.add(key)
      return looked.get(key)
    },
    values(): Iterable<EventId> {
      throw new Error('the index gives the auth difference')
    },
  }
  const stateEvents: StateEvents = {
    get: (id) => events.byId(id)?.event,
    isRejected: (id) => events.byId(id)?.isRejected === true,
    isLost: (id) => events.isLost(id),
    authDifference: () => index.difference,
    conflictedSubgraph: () => index.subgraph,
  }
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const resolution: Resolution = resolveConflicts(rules, { ...conflict.separated, unconflicted }, stateEvents)
    if (wanted.size > 0) await lookUp(deps, base, [...wanted], looked, events)
    else if ('missing' in resolution) await events.loadById(resolution.missing)
    else return resolution.state
    wanted.clear()
  }
  throw new Error('state resolution asks for ever more events')
}

/** What the auth-chain index knows of the conflict: the auth difference, and from version 12 on the subgraph. */
async function askIndex(
  { trees, authChains }: ResolveDeps,
  rules: RoomRules,
  base: RoomState,
  conflict: Conflict,
  events: LoadedEvents,
): Promise<{ difference: EventId[]; subgraph: EventId[] }> {
  if (rules.stateResolution === 'v1') return { difference: [], subgraph: [] }
  const own = events.byNumber(OWN_EVENT)
  if (own !== undefined) await events.loadById(own.event.authEvents)
  const ownAuth = own?.event.authEvents.flatMap((id) => events.byId(id)?.number ?? []) ?? []
  // The event that is being received has no place in the index yet: it reaches what its auth events reach.
  const sets = conflict.forks.map((fork) => fork.flatMap((one) => (one === OWN_EVENT ? ownAuth : [one])))
  const between = await authChains.difference(sets)
  const unconflicted = await listUnconflicted(trees, base, conflict)
  const agreed = [...conflict.agreed.values()].map((id) => events.byId(id)!.number)
  const alike = [...unconflicted, ...agreed].flatMap((one) => (one === OWN_EVENT ? ownAuth : [one]))
  const shared = await authChains.listReached(alike, between)
  const difference = between.filter((number) => !shared.has(number))
  const conflicted = [...new Set(sets.flat())]
  const subgraph = rules.stateResolution === 'v2.1' ? await authChains.subgraph(conflicted) : []
  await events.load([...difference, ...subgraph])
  const isOwnInConflict = conflict.forks.some((fork) => fork.includes(OWN_EVENT))
  const ownIds = own !== undefined && isOwnInConflict ? [own.event.eventId] : []
  const idsOf = (numbers: readonly number[]) =>
    numbers.flatMap((number) => events.byNumber(number)?.event.eventId ?? [])
  await events.loadById(
    [...difference, ...subgraph].flatMap((number) => events.byNumber(number)?.event.authEvents ?? []),
  )
  return { difference: [...idsOf(difference), ...ownIds], subgraph: [...idsOf(subgraph), ...ownIds] }
}

/** Events of the slots in which all forks are alike. */
async function listUnconflicted(
  trees: StateTrees,
  { root, changes }: RoomState,
  { keys }: Pick<Conflict, 'keys'>,
): Promise<number[]> {
  const inTree = (await trees.listEntries(root)).filter(({ slot }) => !keys.has(slot) && !changes.has(slot))
  const changed = [...changes].flatMap(([slot, event]) => (keys.has(slot) || event === null ? [] : [event]))
  return [...inTree.map(({ event }) => event), ...changed]
}

async function lookUp(
  { names, trees }: ResolveDeps,
  base: RoomState,
  keys: readonly StateMapKey[],
  looked: Map<StateMapKey, EventId | undefined>,
  events: LoadedEvents,
): Promise<void> {
  const slots = await names.find(keys)
  const known = slots.filter((slot) => slot !== undefined)
  const numbers = await findInState(trees, base, known)
  await events.load(numbers.filter((number) => number !== undefined && number !== OWN_EVENT) as number[])
  const bySlot = new Map(known.map((slot, index) => [slot, numbers[index]]))
  for (const [index, key] of keys.entries()) {
    const slot = slots[index]
    const number = slot === undefined ? undefined : bySlot.get(slot)
    looked.set(key, number === undefined ? undefined : requireLoaded(events, number).event.eventId)
  }
}

async function applyResolved(
  trees: StateTrees,
  base: RoomState,
  { keys, agreed }: Conflict,
  resolved: ReadonlyMap<StateMapKey, EventId>,
  events: LoadedEvents,
): Promise<RoomState> {
  const changes = new Map(base.changes)
  for (const [slot, key] of keys) {
    const id = agreed.get(key) ?? resolved.get(key)
    if (id !== undefined) await events.loadById([id])
    changes.set(slot, id === undefined ? null : events.byId(id)!.number)
  }
  const slots = [...changes.keys()]
  const inTree = await trees.find(base.root, slots)
  for (const [index, slot] of slots.entries()) {
    if ((changes.get(slot) ?? undefined) === inTree[index]) changes.delete(slot)
  }
  return { ...base, changes }
}

function requireLoaded(events: LoadedEvents, number: number) {
  const loaded = events.byNumber(number)
  if (loaded === undefined) throw new Error(`event ${number} of a state is not stored`)
  return loaded
}
