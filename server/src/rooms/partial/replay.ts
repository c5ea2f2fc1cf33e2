/**
 * What came since the join to a room of whose state not all was known, judged again one after another on the whole
 * state, in the order in which it came.
 */

import { type EventId, type RoomEvent, selectAuthEvents, stateKeyOf } from '@parallax/protocol'
import { listEventsById, listRejected, listTimeline } from '../event-table.ts'
import { type RoomHead, toRoomEvent } from '../heads.ts'
import { judge } from '../receive/judge.ts'
import { createLoadedEvents, type LoadedEvents } from '../receive/loaded-events.ts'
import { loadAuthState } from '../receive/receive-aside.ts'
import { resolveForks } from '../receive/resolve-forks.ts'
import { findInState, type RoomState, stateAfter, stateOfSnapshot, withChange } from '../receive/room-state.ts'
import type { Extremity } from '../room-table.ts'
import type { StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'

const PAGE = 1000

/** An event as it counts now. */
export type Rejudged = {
  readonly stored: StoredEvent
  readonly before: RoomState
  readonly replaces: number | null
  readonly outcome: 0 | 1 | 2
}

export type Replayed = {
  /** The join first. */
  readonly events: readonly Rejudged[]
  readonly now: RoomState
  readonly tips: readonly Extremity[]
  readonly loaded: LoadedEvents
}

type Replay = {
  readonly deps: TurnDeps
  readonly head: RoomHead
  readonly loaded: LoadedEvents
  /** The state after each event. */
  readonly after: Map<EventId, RoomState>
  /** What those follow that are placed. */
  readonly followed: Set<EventId>
  readonly whole: RoomState
  now: RoomState
  tips: readonly Extremity[]
}

/** Must hold the room's turn. */
export async function replay(deps: TurnDeps, head: RoomHead, join: StoredEvent, whole: RoomState): Promise<Replayed> {
  const loaded = createLoadedEvents(deps.reader, { ...head, room: head.row.room })
  const run: Replay = { deps, head, loaded, after: new Map(), followed: new Set(), whole, now: whole, tips: [] }
  const events = [await enter(run, join, whole)]
  const since = [...(await listAccepted(run, join)), ...(await listRejected(deps.reader, head.row.room, join.event))]
  since.sort((a, b) => (a.stream ?? a.event) - (b.stream ?? b.event))
  for (const stored of since) events.push(await rejudge(run, stored))
  return { events, now: run.now, tips: run.tips, loaded }
}

async function listAccepted({ deps, head }: Replay, join: StoredEvent): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (let after = join.stream!; ; after = events.at(-1)!.stream!) {
    const page = await listTimeline(deps.reader, head.row.room, { after, direction: 'forwards', limit: PAGE })
    events.push(...page)
    if (page.length < PAGE) return events
  }
}

/** The join itself: the whole state was judged by it. */
async function enter(run: Replay, join: StoredEvent, whole: RoomState): Promise<Rejudged> {
  const event = toRoomEvent(run.head.rules, run.head.roomId, join)
  run.loaded.add({ number: join.event, event, isRejected: false, stored: join })
  const replaces = await findReplaced(run, join, whole)
  await place(run, join, event, { before: whole, outcome: 0 })
  return { stored: join, before: whole, replaces, outcome: 0 }
}

async function rejudge(run: Replay, stored: StoredEvent): Promise<Rejudged> {
  const { deps, head, loaded } = run
  const event = toRoomEvent(head.rules, head.roomId, stored)
  loaded.add({ number: stored.event, event, isRejected: false, stored })
  await loaded.loadById([...event.authEvents, head.create.eventId])
  const before = await findBefore(run, stored, event)
  const keys = selectAuthEvents(head.rules, event).map(([type, stateKey]) => stateKeyOf(type, stateKey))
  const judgement = judge(head.rules, event, {
    create: head.create,
    find: (id) => loaded.byId(id),
    before: await loadAuthState(deps, before, keys, loaded),
    now: await loadAuthState(deps, run.now, keys, loaded),
    // Both were looked at when it came.
    ...{ isAuthoriserSigned: true, isPolicySigned: true },
  })
  // What was rejected already was so whatever the state is.
  const outcome = stored.outcome === 2 ? 2 : judgement.outcome
  // What rests on it is to be rejected too.
  if (outcome === 2) loaded.add({ number: stored.event, event, isRejected: true, stored })
  const replaces = await findReplaced(run, stored, before)
  await place(run, stored, event, { before, outcome })
  return { stored, before, replaces, outcome }
}

/**
 * After what it follows; of that what came before the join is as it was. If something of it is not here, the state
 * before the event was told by another server.
 */
async function findBefore(run: Replay, stored: StoredEvent, event: RoomEvent): Promise<RoomState> {
  const { deps, head, loaded, after } = run
  const outside = event.prevEvents.filter((id) => !after.has(id))
  const known = (await listEventsById(deps.reader, outside)).filter((one) => one.outcome !== 3)
  if (known.length < outside.length) return stateOfSnapshot(deps.trees, stored.snapshot)
  const forks = event.prevEvents.flatMap((id) => after.get(id) ?? [])
  for (const one of known) forks.push(await stateAfter(deps.trees, one))
  return resolveForks(deps, head.rules, forks, loaded)
}

async function findReplaced({ deps }: Replay, { slot }: StoredEvent, before: RoomState): Promise<number | null> {
  if (slot === null) return null
  return (await findInState(deps.trees, before, [slot]))[0] ?? null
}

type Judged = Pick<Rejudged, 'before' | 'outcome'>

/** Adds the event to the graph: what it makes of the state, and of the room's end if it is accepted. */
async function place(run: Replay, stored: StoredEvent, event: RoomEvent, { before, outcome }: Judged): Promise<void> {
  const { eventId, slot, event: number, depth } = stored
  const after = slot === null || outcome === 2 ? before : withChange(before, slot, number)
  run.after.set(eventId, after)
  const isPast = run.followed.has(eventId) || (await isOfWhole(run, stored))
  for (const id of event.prevEvents) run.followed.add(id)
  if (outcome !== 0) return
  const kept = run.tips.filter((tip) => !event.prevEvents.includes(tip.eventId))
  if (isPast && kept.length === 0) return
  run.tips = isPast ? kept : [...kept, { event: number, eventId, depth }]
  const states = run.tips.map((tip) => run.after.get(tip.eventId)!)
  run.now = states.length === 1 ? states[0]! : await resolveForks(run.deps, run.head.rules, states, run.loaded)
}

/** True of an event of the state before the join that found its place afterwards: it is no end of the room. */
async function isOfWhole({ deps, whole }: Replay, { slot, event }: StoredEvent): Promise<boolean> {
  return slot !== null && (await findInState(deps.trees, whole, [slot]))[0] === event
}
