/** The state of a room that a client lacks, before the timeline or after it. Spec: client-server-api#syncing. */

import { type StateMapKey, splitStateKey, stateKeyOf, type UserId } from '@parallax/protocol'
import { Lru } from '../../base/index.ts'
import type { Position } from '../../journal/index.ts'
import type { StateEntry } from '../../rooms/index.ts'
import { syncLimits } from '../limits.ts'
import type { SentMembers } from '../sent-members.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'
import type { Timeline } from './timeline.ts'

type StateDeps = Pick<SyncDeps, 'rooms' | 'names'> & {
  readonly sorted: SortedStates
  readonly sentMembers: SentMembers
}

/** Numbers of the state events to send. `heroes`: users whose member events belong with it where members are lazy. */
export async function readState(
  deps: StateDeps,
  view: SyncView,
  visit: RoomVisit,
  timeline: Timeline,
  heroes: readonly UserId[],
): Promise<number[]> {
  if (visit.isOutside || view.filter.state.inRoom?.(visit.info.roomId) === false) return []
  const span = await findSpan(deps, view, visit, timeline)
  const isAfter = view.stateAfter !== undefined
  const at = isAfter ? span.end : span.start
  const slots = visit.isWhole ? await wholeState(deps, view, at) : await changedState(deps, span.base, at)
  const shown = new Set(timeline.events.map((event) => event.event))
  if (!isAfter && span.start !== span.end) {
    // What changed within the timeline's span but is not in the timeline: hidden by the filter, or by a fork.
    for (const { slot, after } of await deps.rooms.listStateDifferences(noneIsUndefined(span.start), span.end)) {
      if (after !== null && !shown.has(after)) slots.set(slot, after)
    }
  }
  if (!isAfter) for (const [slot, event] of slots) if (shown.has(event)) slots.delete(slot)
  if (view.filter.lazyMembers) await addMembers(deps, { view, visit, timeline, heroes, at, slots })
  return [...slots.values()]
}

/** Snapshots at the last reply, before the timeline and after it; 0: before the room's first event. */
type Span = { readonly base: number | undefined; readonly start: number; readonly end: number }

async function findSpan(deps: StateDeps, view: SyncView, visit: RoomVisit, timeline: Timeline): Promise<Span> {
  const { info, until } = visit
  const end = info.lastPosition <= until ? info.snapshot : await snapshotAt(deps, info.room, until)
  const start = timeline.events[0]?.snapshot ?? end
  if (visit.isWhole) return { base: undefined, start, end }
  // Nothing but messages since: the state before the first of them is the state now.
  const { newest, oldest } = timeline
  if (newest === undefined || oldest?.snapshot === end) return { base: end, start: end, end }
  return { base: await snapshotAt(deps, info.room, view.since!), start, end }
}

async function snapshotAt({ rooms }: StateDeps, room: number, position: Position): Promise<number> {
  return (await rooms.findSnapshotAt(room, position)) ?? 0
}

function noneIsUndefined(snapshot: number): number | undefined {
  return snapshot === 0 ? undefined : snapshot
}

async function changedState(deps: StateDeps, base: number | undefined, at: number): Promise<Map<number, number>> {
  const slots = new Map<number, number>()
  if (base === at || at === 0) return slots
  for (const { slot, after } of await deps.rooms.listStateDifferences(noneIsUndefined(base ?? 0), at)) {
    if (after !== null) slots.set(slot, after)
  }
  return slots
}

/** Every entry, or all but the members. */
async function wholeState(deps: StateDeps, view: SyncView, at: number): Promise<Map<number, number>> {
  if (at === 0) return new Map()
  if (view.filter.lazyMembers) return new Map((await deps.sorted.others(at)).map(({ slot, event }) => [slot, event]))
  return new Map((await deps.rooms.listState(at)).map(({ slot, event }) => [slot, event]))
}

type MembersNeed = {
  readonly view: SyncView
  readonly visit: RoomVisit
  readonly timeline: Timeline
  readonly heroes: readonly UserId[]
  readonly at: number
  readonly slots: Map<number, number>
}

/** Member events of the timeline's senders, of heroes and, with whole state, of oneself, unless the device has them. */
async function addMembers(deps: StateDeps, need: MembersNeed): Promise<void> {
  const { view, visit, timeline, heroes, at, slots } = need
  if (at === 0) return
  const senders = await deps.names.texts([...new Set(timeline.events.map((event) => event.sender))])
  const users = new Set<string>([...senders, ...heroes])
  if (visit.isWhole) users.add(view.caller.userId)
  const found = await deps.names.find([...users].map((user) => stateKeyOf('m.room.member', user)))
  const known = found.filter((slot) => slot !== undefined)
  const sent = deps.sentMembers.open(view, visit.info.room)
  const wanted = view.filter.redundantMembers || visit.isWhole ? known : known.filter((slot) => !sent.has(slot))
  const missing = wanted.filter((slot) => !slots.has(slot))
  const events = missing.length === 0 ? [] : await deps.rooms.findState(at, missing)
  const shown = view.stateAfter === undefined ? new Set(timeline.events.map((event) => event.event)) : new Set<number>()
  missing.forEach((slot, index) => {
    const event = events[index]
    if (event !== undefined && !shown.has(event)) slots.set(slot, event)
  })
  for (const slot of wanted) if (slots.has(slot)) sent.add(slot)
}

/** The entries of states that are not members, for lazy loading. */
export interface SortedStates {
  others(snapshot: number): Promise<readonly StateEntry[]>
}

export function createSortedStates({ rooms, names }: Pick<SyncDeps, 'rooms' | 'names'>): SortedStates {
  const bySnapshot = new Lru<number, readonly StateEntry[]>(syncLimits.sortedStateMax)
  return {
    async others(snapshot) {
      const known = bySnapshot.get(snapshot)
      if (known !== undefined) return known
      const entries = await rooms.listState(snapshot)
      const keys = (await names.texts(entries.map((entry) => entry.slot))) as StateMapKey[]
      const others = entries.filter((_, index) => splitStateKey(keys[index]!)[0] !== 'm.room.member')
      bySnapshot.set(snapshot, others, others.length + 1)
      return others
    },
  }
}
