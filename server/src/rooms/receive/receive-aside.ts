/**
 * The other cases of receiving: an event that forks the graph or joins forks, one that is against the rules, one whose
 * predecessors another server has to vouch for. Judged and committed alone.
 */

import {
  type AuthState,
  allowRedaction,
  type EventId,
  type RoomEvent,
  selectAuthEvents,
  stateKeyOf,
} from '@parallax/protocol'
import { listEventsById } from '../event-table.ts'
import type { RoomHead } from '../heads.ts'
import { learnMembers } from '../partial/learn-members.ts'
import { type Extremity, findEntry } from '../room-table.ts'
import type { StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import { type Arriving, kindOf, type Receipt } from './arriving.ts'
import { commitReceived, type ReceivedPlan, type SlotChange } from './commit-received.ts'
import { type Judgement, judge } from './judge.ts'
import { createLoadedEvents, type LoadedEvents } from './loaded-events.ts'
import { listMissing, listPendingRedactions } from './received-table.ts'
import { resolveForks } from './resolve-forks.ts'
import {
  findInState,
  listDifferences,
  OWN_EVENT,
  type RoomState,
  stateAfter,
  stateOfSnapshot,
  withChange,
} from './room-state.ts'

/** One event and what it rests on. */
type Case = {
  readonly head: RoomHead
  readonly arriving: Arriving
  readonly event: RoomEvent
  readonly events: LoadedEvents
  /** The event as an outlier, if it is one. */
  readonly outlier: StoredEvent | undefined
  /** Stored events with a place in the graph that it follows. */
  readonly prev: readonly StoredEvent[]
  /** Null: not a state event. */
  readonly slot: number | null
} & AsideOptions

export type AsideOptions = {
  /** Place in the timeline, below zero, of one from before those that are here: the room stays as it is. */
  readonly place?: number | undefined
  /** The room is entered again by it: nothing counts but the state that was told before it. */
  readonly isEntry?: boolean | undefined
}

/** The room must be known. Must hold the room's turn. */
export async function receiveAside(
  deps: TurnDeps,
  room: number,
  arriving: Arriving,
  options: AsideOptions = {},
): Promise<Receipt> {
  const head = await deps.heads.find(room)
  if (head === undefined) throw new Error('an event was received for a room that is not known')
  const { event } = arriving
  const events = createLoadedEvents(deps.reader, { ...head, room })
  const cited = [...event.authEvents, head.create.eventId, ...(event.redacts === undefined ? [] : [event.redacts])]
  await events.loadById(cited)
  const [known] = await listEventsById(deps.reader, [event.eventId])
  if (known !== undefined && known.outcome !== 3) {
    return { kind: kindOf(known.outcome), event: known.event, isNew: false }
  }
  const stored = (await listEventsById(deps.reader, event.prevEvents)).filter((one) => one.room === room)
  const prev = stored.filter((one) => one.outcome !== 3)
  const isPartial = head.row.completeSince === undefined && options.isEntry !== true
  const lacking = listLacking(arriving, events, prev, isPartial)
  if (lacking !== undefined) return lacking
  // The past rests on states that are as large as the one that is being fetched.
  if (isPartial && options.place !== undefined) return { kind: 'postponed' }
  const key = event.stateKey === undefined ? undefined : stateKeyOf(event.type, event.stateKey)
  const [slot] = key === undefined ? [] : await deps.names.intern([key])
  const one: Case = { head, arriving, event, events, outlier: known, prev, slot: slot ?? null, ...options }
  const told = await findStateBefore(deps, one)
  const before = isPartial ? await learnMembers(deps.trees, one, told) : told
  const judgement = await judgeCase(deps, one, before, isPartial)
  const isDoubtful = isPartial || arriving.isDoubtful === true
  if (isDoubtful && judgement.outcome !== 0 && !judgement.isByItself) return { kind: 'postponed' }
  const number = await commitReceived(deps, await planCase(deps, one, before, judgement))
  const reason = judgement.outcome === 0 ? {} : { reason: `${judgement.reason}.` }
  return { kind: kindOf(judgement.outcome), event: number, isNew: true, ...reason }
}

function listLacking(
  arriving: Arriving,
  events: LoadedEvents,
  prev: readonly StoredEvent[],
  isPartial: boolean,
): Receipt | undefined {
  const { event, stateBefore } = arriving
  const authEvents = event.authEvents.filter((id) => events.byId(id) === undefined)
  const known = new Set(prev.map(({ eventId }) => eventId))
  const prevEvents = stateBefore === undefined || isPartial ? event.prevEvents.filter((id) => !known.has(id)) : []
  if (authEvents.length === 0 && prevEvents.length === 0) return undefined
  return { kind: 'lacking', authEvents, prevEvents }
}

/** The state before the event: after those that it follows, or what another server said. */
async function findStateBefore(deps: TurnDeps, { head, arriving, prev, events, isEntry }: Case): Promise<RoomState> {
  const known = isEntry === true ? [] : prev
  const forks = await Promise.all(known.map((stored) => stateAfter(deps.trees, stored)))
  if (arriving.stateBefore !== undefined) forks.push(await stateOfIds(deps, head, arriving.stateBefore))
  if (forks.length === 0) return stateOfSnapshot(deps.trees, 0)
  return resolveForks(deps, head.rules, forks, events)
}

/** A state by the IDs of its events, as what differs from the current one. Unknown and rejected ones are left out. */
async function stateOfIds(deps: TurnDeps, head: RoomHead, ids: readonly EventId[]): Promise<RoomState> {
  const base = await stateOfSnapshot(deps.trees, head.row.snapshot)
  const wanted = new Map<number, number>()
  for (const stored of await listEventsById(deps.reader, ids)) {
    const isUsable = stored.room === head.row.room && stored.slot !== null && stored.outcome !== 2
    if (isUsable) wanted.set(stored.slot!, stored.event)
  }
  const changes = new Map<number, number | null>()
  for (const { slot, event } of await deps.trees.listEntries(base.root)) {
    const here = wanted.get(slot)
    wanted.delete(slot)
    if (here !== event) changes.set(slot, here ?? null)
  }
  for (const [slot, event] of wanted) changes.set(slot, event)
  return { ...base, changes }
}

async function judgeCase(deps: TurnDeps, one: Case, before: RoomState, isPartial: boolean): Promise<Judgement> {
  const { head, arriving, event, events, place, isEntry } = one
  const keys = selectAuthEvents(head.rules, event).map(([type, stateKey]) => stateKeyOf(type, stateKey))
  const authState = await loadAuthState(deps, before, keys, events)
  const cells = await deps.heads.loadCells(head, keys)
  const findLearned = (type: string, stateKey: string) =>
    isPartial && type === 'm.room.member' ? authState.get(type, stateKey) : undefined
  return judge(head.rules, event, {
    create: head.create,
    find: (id) => events.byId(id),
    before: authState,
    // What is told of former times is not judged by what counts now, nor a join by what counted when we left.
    now:
      place === undefined && isEntry !== true
        ? { get: (type, stateKey) => cells.get(stateKeyOf(type, stateKey))?.event ?? findLearned(type, stateKey) }
        : undefined,
    isAuthoriserSigned: arriving.isAuthoriserSigned,
    isPolicySigned: place !== undefined || arriving.isPolicySigned,
  })
}

/** The events of these keys in a state. */
export async function loadAuthState(
  { names, trees }: Pick<TurnDeps, 'names' | 'trees'>,
  state: RoomState,
  keys: readonly string[],
  events: LoadedEvents,
): Promise<AuthState> {
  const slots = await names.find(keys)
  const known = slots.filter((slot) => slot !== undefined)
  const numbers = await findInState(trees, state, known)
  await events.load(numbers.filter((number) => number !== undefined))
  const bySlot = new Map(known.map((slot, index) => [slot, numbers[index]]))
  const byKey = new Map(keys.map((key, index) => [key, slots[index]]))
  return {
    get(type, stateKey) {
      const slot = byKey.get(stateKeyOf(type, stateKey))
      const number = slot === undefined ? undefined : bySlot.get(slot)
      return number === undefined ? undefined : events.byNumber(number)?.event
    },
  }
}

async function planCase(deps: TurnDeps, one: Case, before: RoomState, judgement: Judgement): Promise<ReceivedPlan> {
  const { head, event, events, outlier, slot, place } = one
  const { outcome } = judgement
  const known = new Set(one.prev.map(({ eventId }) => eventId))
  const isNamed = (await listMissing(deps.reader, [event.eventId])).size > 0
  const after =
    outcome === 0 && place === undefined
      ? await planHead(deps, one, before, isNamed || (await isPast(deps, one)))
      : undefined
  const redactions = (await listPendingRedactions(deps.reader, [event.eventId])).get(event.eventId) ?? []
  const [replaced] = slot === null ? [] : await findInState(deps.trees, before, [slot])
  return {
    head,
    event,
    outcome,
    outlier,
    slot,
    place,
    before,
    replaced: replaced ?? null,
    tips: after?.tips,
    changes: after?.changes ?? [],
    authEvents: event.authEvents.map((id) => events.byId(id)!.number),
    missing: outcome === 2 ? [] : event.prevEvents.filter((id) => !known.has(id)),
    wasMissing: isNamed,
    redacts: outcome === 0 ? await findRedacted(deps, one, before) : undefined,
    redactedBy: await findRedaction(deps, one, redactions),
    isPendingDone: redactions.length > 0,
    isEntry: one.isEntry === true,
    isRelayed: one.arriving.isRelayed === true,
    isTold: one.arriving.isTold === true,
  }
}

/**
 * True of an event of the state that was told when the room was entered: it comes before that, though what lies between
 * is not here. As a fork of its own it would bring back the state of that time.
 */
async function isPast({ reader, trees }: TurnDeps, { head, outlier, slot, isEntry }: Case): Promise<boolean> {
  if (outlier === undefined || slot === null || isEntry === true) return false
  const entry = await findEntry(reader, head.row.room)
  if (entry === undefined) return false
  const [told] = await findInState(trees, await stateOfSnapshot(trees, entry.snapshot), [slot])
  return told === outlier.event
}

/** The extremities and the state of the room once the event is part of it. `isFollowed`: stored events follow it. */
async function planHead(
  deps: TurnDeps,
  { head, event, events, slot, outlier, isEntry }: Case,
  before: RoomState,
  isFollowed: boolean,
): Promise<{ tips: readonly Extremity[]; changes: readonly SlotChange[] }> {
  const followed = new Set(event.prevEvents)
  const former = isEntry === true ? [] : head.row.extremities
  const kept = former.filter(({ eventId }) => !followed.has(eventId))
  const isUnchanged = isFollowed && kept.length === head.row.extremities.length
  if (isUnchanged || (isFollowed && kept.length === 0)) return { tips: head.row.extremities, changes: [] }
  const number = outlier?.event ?? OWN_EVENT
  if (outlier === undefined) events.add({ number, event, isRejected: false, stored: undefined })
  const own = { event: number, eventId: event.eventId, depth: event.depth }
  const after = slot === null ? before : withChange(before, slot, number)
  const stored = await listEventsById(
    deps.reader,
    kept.map(({ eventId }) => eventId),
  )
  const others = await Promise.all(stored.map((tip) => stateAfter(deps.trees, tip)))
  const now = await stateOfSnapshot(deps.trees, head.row.snapshot)
  const resolved = await resolveForks(deps, head.rules, isFollowed ? others : [after, ...others], events)
  const differences = await listDifferences(deps.trees, now, resolved)
  await events.load(
    differences
      .flatMap(({ before: old, after: fresh }) => [old, fresh])
      .filter((one) => one !== null && one > 0) as number[],
  )
  const keys = await deps.names.texts(differences.map((difference) => difference.slot))
  const changes = differences.map((difference, index) => ({
    ...difference,
    key: keys[index]! as SlotChange['key'],
    beforeEvent: difference.before === null ? undefined : events.byNumber(difference.before)?.event,
    afterEvent: difference.after === null ? undefined : events.byNumber(difference.after)?.event,
  }))
  return { tips: isFollowed ? kept : [...kept, own], changes }
}

/** What the event redacts: a stored event that it may redact, `later` if the target is not here yet. */
async function findRedacted(
  deps: TurnDeps,
  { head, event, events }: Case,
  before: RoomState,
): Promise<ReceivedPlan['redacts']> {
  if (event.redacts === undefined) return undefined
  const target = events.byId(event.redacts)
  if (target?.stored === undefined) return 'later'
  const state = await loadAuthState(deps, before, redactionKeys(event), events)
  return allowRedaction(head.rules, event, target.event, state, head.create).ok ? target.stored : undefined
}

/** The first of the redactions that came before the event which may redact it. */
async function findRedaction(
  deps: TurnDeps,
  { head, event, events }: Case,
  redactions: readonly number[],
): Promise<number | undefined> {
  await events.load(redactions)
  for (const number of redactions) {
    const redaction = events.byNumber(number)
    if (redaction?.stored === undefined || redaction.stored.outcome !== 0) continue
    const before = await stateOfSnapshot(deps.trees, redaction.stored.snapshot)
    const state = await loadAuthState(deps, before, redactionKeys(redaction.event), events)
    if (allowRedaction(head.rules, redaction.event, event, state, head.create).ok) return number
  }
  return undefined
}

function redactionKeys({ sender }: RoomEvent): string[] {
  return [stateKeyOf('m.room.power_levels', ''), stateKeyOf('m.room.create', ''), stateKeyOf('m.room.member', sender)]
}
