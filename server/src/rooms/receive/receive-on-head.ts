/**
 * The usual case of receiving: events that follow the room's head, one after another. They are judged on the head in
 * memory and committed in one transaction, like those of our own users.
 */

import {
  type AuthState,
  allowRedaction,
  type EventId,
  type StateMapKey,
  selectAuthEvents,
  stateKeyOf,
} from '@parallax/protocol'
import { commitAccepted } from '../commit-accepted.ts'
import { type Accepted, membershipChange, type Working, type WorkingCell, workingAfter } from '../decide.ts'
import { listEventsById } from '../event-table.ts'
import type { Cells, RoomHead } from '../heads.ts'
import type { StoredEvent } from '../rooms.ts'
import { startOf, type TurnDeps } from '../run-turn.ts'
import { type Arriving, kindOf, type Receipt } from './arriving.ts'
import { judge } from './judge.ts'
import { createLoadedEvents, type LoadedEvents } from './loaded-events.ts'
import { listMissing, listPendingRedactions } from './received-table.ts'
import { listDifferences, stateAfter, stateOfSnapshot } from './room-state.ts'

/** What the events of a batch rest on. */
type Ground = {
  readonly head: RoomHead
  readonly cells: Cells
  readonly known: ReadonlyMap<EventId, StoredEvent>
  /** Auth events and targets of redactions. */
  readonly events: LoadedEvents
  /** IDs that need more than this path does: others wait for them. */
  readonly special: ReadonlySet<EventId>
  /** Extremities after which the state is that of the head. */
  readonly tipsAtHead: ReadonlySet<EventId>
}

/** Receipts of the events from the first on, as far as each follows the head and is accepted, or is known already. */
export async function receiveOnHead(deps: TurnDeps, room: number, given: readonly Arriving[]): Promise<Receipt[]> {
  const head = await deps.heads.find(room)
  // What is not known of the members has to be looked for in each event.
  const isWhole = head?.row.completeSince !== undefined
  const arriving = head === undefined || !isWhole ? [] : listFollowing(head, given)
  if (head === undefined || arriving.length === 0) return []
  const ground = await gather(deps, head, arriving)
  const start = await startOf(deps, head)
  const { accepted, working, taken } = decideBatch(ground, start, arriving)
  const cited = new Map<EventId, number>()
  for (const { event } of accepted) {
    for (const id of event.authEvents) {
      const number = ground.events.byId(id)?.number
      if (number !== undefined) cited.set(id, number)
    }
  }
  const numbers = await commitAccepted(deps, head, ground.cells, { accepted, working, cited })
  return taken.map((event) =>
    typeof event === 'string'
      ? { kind: 'accepted', event: numbers.get(event)!, isNew: true }
      : { kind: kindOf(event.outcome as 0 | 1 | 2), event: event.event, isNew: false },
  )
}

/** Those from the first on that may follow the head: nothing is read for others. */
function listFollowing({ row }: RoomHead, arriving: readonly Arriving[]): readonly Arriving[] {
  const tips = new Set(row.extremities.map(({ eventId }) => eventId))
  const end = arriving.findIndex(({ event }) => {
    const follows = event.prevEvents.every((id) => tips.has(id))
    tips.add(event.eventId)
    return !follows
  })
  return end < 0 ? arriving : arriving.slice(0, end)
}

async function gather(deps: TurnDeps, head: RoomHead, arriving: readonly Arriving[]): Promise<Ground> {
  const { reader } = deps
  const ids = arriving.map(({ event }) => event.eventId)
  const known = new Map((await listEventsById(reader, ids)).map((stored) => [stored.eventId, stored]))
  const fresh = arriving.filter(({ event }) => !known.has(event.eventId))
  const cells = await deps.heads.loadCells(head, [...new Set(fresh.flatMap((one) => keysOf(head, one)))])
  const events = createLoadedEvents(reader, { ...head, room: head.row.room })
  for (const cell of cells.values()) {
    if (cell !== null) events.add({ ...cell, isRejected: false, stored: undefined })
  }
  const freshIds = new Set(fresh.map(({ event }) => event.eventId))
  const cited = fresh.flatMap(({ event }) => [...event.authEvents, ...(event.redacts ?? []), ...createIdOf(head)])
  await events.loadById(cited.filter((id) => !freshIds.has(id as EventId)) as EventId[])
  const special = new Set<EventId>([
    ...(await listMissing(reader, ids)),
    ...(await listPendingRedactions(reader, ids)).keys(),
  ])
  return { head, cells, known, events, special, tipsAtHead: await findTipsAtHead(deps, head) }
}

/** Version 12: the create event that no event cites. */
function createIdOf({ rules, create }: RoomHead): EventId[] {
  return rules.privilegedCreators ? [create.eventId] : []
}

function keysOf({ rules }: RoomHead, { event }: Arriving): StateMapKey[] {
  const keys = selectAuthEvents(rules, event).map(([type, stateKey]) => stateKeyOf(type, stateKey))
  if (event.stateKey !== undefined) keys.push(stateKeyOf(event.type, event.stateKey))
  keys.push(stateKeyOf('m.room.create', ''))
  return keys
}

async function findTipsAtHead({ reader, trees }: TurnDeps, { row }: RoomHead): Promise<Set<EventId>> {
  const ids = row.extremities.map(({ eventId }) => eventId)
  if (ids.length < 2) return new Set(ids)
  const now = await stateOfSnapshot(trees, row.snapshot)
  const atHead = new Set<EventId>()
  for (const stored of await listEventsById(reader, ids)) {
    const differences = await listDifferences(trees, now, await stateAfter(trees, stored))
    if (differences.length === 0) atHead.add(stored.eventId)
  }
  return atHead
}

/** `taken`: by event, its ID if it was accepted now, or what is stored of it. */
function decideBatch(ground: Ground, start: Working, arriving: readonly Arriving[]) {
  const accepted: Accepted[] = []
  const taken: (EventId | StoredEvent)[] = []
  const tipsAtHead = new Set(ground.tipsAtHead)
  let working = start
  for (const one of arriving) {
    const known = ground.known.get(one.event.eventId)
    if (known !== undefined && known.outcome !== 3) {
      taken.push(known)
      continue
    }
    const decided =
      known === undefined && followsHead(ground, working, tipsAtHead, one) && decideOne(ground, working, one)
    if (!decided) break
    working = workingAfter(working, decided.event, slotKeyOf(one))
    tipsAtHead.add(decided.event.eventId)
    accepted.push(decided)
    taken.push(decided.event.eventId)
  }
  return { accepted, working, taken }
}

/** True if the state before the event is that of the head, and the state after it too but for what the event sets. */
function followsHead({ special }: Ground, { tips }: Working, atHead: ReadonlySet<EventId>, one: Arriving): boolean {
  const { eventId, prevEvents, stateKey } = one.event
  if (special.has(eventId) || one.stateBefore !== undefined || prevEvents.length === 0) return false
  const isTip = new Set(tips.map((tip) => tip.eventId))
  if (!prevEvents.every((id) => isTip.has(id) && atHead.has(id))) return false
  return stateKey === undefined || new Set(prevEvents).size === tips.length
}

function decideOne({ head, cells, events }: Ground, working: Working, arriving: Arriving): Accepted | undefined {
  const { event, isAuthoriserSigned, isPolicySigned, isRelayed } = arriving
  const { rules, create } = head
  const find = (key: StateMapKey): WorkingCell | undefined => working.cells.get(key) ?? cells.get(key) ?? undefined
  const before: AuthState = { get: (type, stateKey) => find(stateKeyOf(type, stateKey))?.event }
  const ofBatch = new Map([...working.cells.values()].map((cell) => [cell.event.eventId, cell.event]))
  const verdict = judge(rules, event, {
    ...{ create, before, now: undefined, isAuthoriserSigned, isPolicySigned },
    find: (id) => {
      const found = ofBatch.get(id)
      return found === undefined ? events.byId(id) : { event: found, isRejected: false }
    },
  })
  if (verdict.outcome !== 0) return undefined
  const slotKey = slotKeyOf(arriving)
  const replaced = slotKey === undefined ? undefined : find(slotKey)
  const membership = membershipChange(event, replaced?.event)
  const plain = { event, replaced, transaction: undefined, redacts: undefined, membership, isRelayed }
  if (event.redacts === undefined) return plain
  const target = events.byId(event.redacts)
  // One that is not here yet, or of this batch: the other path remembers it.
  if (target?.stored === undefined) return undefined
  const mayRedact = allowRedaction(rules, event, target.event, before, create).ok
  const redacts = mayRedact ? target.stored : undefined
  return { ...plain, redacts }
}

function slotKeyOf({ event }: Arriving): StateMapKey | undefined {
  return event.stateKey === undefined ? undefined : stateKeyOf(event.type, event.stateKey)
}
