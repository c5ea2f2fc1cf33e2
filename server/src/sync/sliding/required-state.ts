/** The state of a room that its rules want and the client lacks: as it is after the timeline. Spec: msc4186. */

import { type StateMapKey, splitStateKey, stateKeyOf } from '@parallax/protocol'
import type { Position } from '../../journal/index.ts'
import type { SentMembers } from '../sent-members.ts'
import type { Timeline } from '../streams/timeline.ts'
import type { SyncDeps } from '../sync-deps.ts'
import type { RoomVisit, SyncView } from '../view.ts'
import { compileWishes, hasLazyMembers, type KeyTest, listNamedKeys, type StateWish } from './state-wish.ts'

/** Numbers of events, and keys whose state is gone. */
export type WantedState = {
  readonly events: readonly number[]
  readonly removed: readonly (readonly [type: string, stateKey: string])[]
  /** Types of what changed since the client was told of the room; undefined: it was not. */
  readonly changedTypes: ReadonlySet<string> | undefined
}

export type StateNeed = {
  readonly visit: RoomVisit
  readonly timeline: Timeline
  readonly wishes: readonly StateWish[]
  /** The wishes by which the client was told of the room before, if they were others. */
  readonly oldWishes: readonly StateWish[] | undefined
}

type StateDeps = Pick<SyncDeps, 'rooms' | 'names'> & { readonly sentMembers: SentMembers }

export async function readRequiredState(deps: StateDeps, view: SyncView, need: StateNeed): Promise<WantedState> {
  const { visit, timeline, wishes, oldWishes } = need
  const { info, until } = visit
  const at = info.lastPosition <= until ? info.snapshot : await snapshotAt(deps, info.room, until)
  const me = view.caller.userId
  const wants = compileWishes(wishes, me)
  const slots = new Map<number, number>()
  const removed: (readonly [string, string])[] = []
  let changedTypes: Set<string> | undefined
  if (visit.isNew) await addWhole(deps, { at, wishes, me, wants, slots })
  else {
    changedTypes = new Set()
    const isLazy = hasLazyMembers(wishes)
    const sent = deps.sentMembers.open(view, info.room)
    for (const { slot, after, type, stateKey } of await listChanges(deps, need, at)) {
      changedTypes.add(type)
      // After a gap only those that the client would otherwise have wrong.
      const isLazilyWanted = isLazy && type === 'm.room.member' && (!timeline.isLimited || sent.has(slot))
      if (!wants(type, stateKey) && !isLazilyWanted) continue
      if (after === null) removed.push([type, stateKey])
      else slots.set(slot, after)
    }
    if (oldWishes !== undefined) {
      const had = compileWishes(oldWishes, me)
      const isNewlyWanted: KeyTest = (type, stateKey) => wants(type, stateKey) && !had(type, stateKey)
      await addWhole(deps, { at, wishes, me, wants: isNewlyWanted, slots })
    }
  }
  if (hasLazyMembers(wishes)) await addLazyMembers(deps, view, need, at, slots)
  return { events: [...slots.values()], removed, changedTypes }
}

async function snapshotAt({ rooms }: StateDeps, room: number, position: Position): Promise<number> {
  return (await rooms.findSnapshotAt(room, position)) ?? 0
}

async function listChanges(deps: StateDeps, { visit, timeline }: StateNeed, at: number) {
  const { newest, oldest } = timeline
  // Nothing but messages since: the state before the first of them is the state now.
  if (newest === undefined || oldest?.snapshot === at) return []
  const base = await snapshotAt(deps, visit.info.room, visit.after!)
  if (base === at || at === 0) return []
  const differences = await deps.rooms.listStateDifferences(base === 0 ? undefined : base, at)
  const keys = (await deps.names.texts(differences.map(({ slot }) => slot))) as StateMapKey[]
  return differences.map(({ slot, after }, index) => {
    const [type, stateKey] = splitStateKey(keys[index]!)
    return { slot, after, type, stateKey }
  })
}

type Whole = {
  readonly at: number
  readonly wishes: readonly StateWish[]
  readonly me: string
  readonly wants: KeyTest
  readonly slots: Map<number, number>
}

/** Looks up what is named, or reads the whole state if some of it is not. */
async function addWhole({ rooms, names }: StateDeps, { at, wishes, me, wants, slots }: Whole): Promise<void> {
  if (at === 0) return
  const named = listNamedKeys(wishes, me)
  if (named === undefined) {
    const entries = await rooms.listState(at)
    const keys = (await names.texts(entries.map(({ slot }) => slot))) as StateMapKey[]
    entries.forEach(({ slot, event }, index) => {
      if (wants(...splitStateKey(keys[index]!))) slots.set(slot, event)
    })
    return
  }
  const wanted = named.filter((key) => wants(...key))
  const found = await names.find(wanted.map((key) => stateKeyOf(...key)))
  await addSlots(rooms, at, found, slots)
}

async function addSlots(
  rooms: SyncDeps['rooms'],
  at: number,
  found: readonly (number | undefined)[],
  slots: Map<number, number>,
): Promise<void> {
  const known = found.filter((slot) => slot !== undefined && !slots.has(slot)) as number[]
  const events = known.length === 0 ? [] : await rooms.findState(at, known)
  known.forEach((slot, index) => {
    const event = events[index]
    if (event !== undefined) slots.set(slot, event)
  })
}

/**
 * Member events of those who speak in the timeline and whom it is about, unless the client has them: with a gap it
 * forgets the members that it had.
 */
async function addLazyMembers(
  deps: StateDeps,
  view: SyncView,
  { visit, timeline }: StateNeed,
  at: number,
  slots: Map<number, number>,
): Promise<void> {
  if (at === 0 || timeline.events.length === 0) return
  const { rooms, names } = deps
  const senders = await names.texts([...new Set(timeline.events.map((event) => event.sender))])
  const found = await names.find(senders.map((user) => stateKeyOf('m.room.member', user)))
  const slotted = timeline.events.flatMap(({ slot }) => (slot === null ? [] : [slot]))
  const keys = (await names.texts(slotted)) as StateMapKey[]
  const targets = slotted.filter((_, index) => splitStateKey(keys[index]!)[0] === 'm.room.member')
  const sent = deps.sentMembers.open(view, visit.info.room)
  const named = [...new Set([...found, ...targets])].filter((slot) => slot !== undefined)
  if (timeline.isLimited) sent.clear()
  const wanted = named.filter((slot) => !sent.has(slot))
  await addSlots(rooms, at, wanted, slots)
  for (const slot of wanted) if (slots.has(slot)) sent.add(slot)
}
