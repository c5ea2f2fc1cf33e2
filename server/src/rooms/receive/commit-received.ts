/** Writes one received event with its outcome, the state before it and what it makes of the room's head. */

import {
  type EventId,
  parseStoredEvent,
  type RoomEvent,
  redact,
  type StateMapKey,
  splitStateKey,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import type { Writer } from '../../store/index.ts'
import type { TurnPlaces } from '../auth-chain/auth-chains.ts'
import { insertEvent, splitEventText, updateOutside, updatePlace, updateRedacted } from '../event-table.ts'
import { type RoomHead, toRoomEvent } from '../heads.ts'
import { upsertMember } from '../member-table.ts'
import { removePartial } from '../partial/partial-table.ts'
import { type Extremity, type RoomRow, updateCompleteSince, updateEntry, updateRoom } from '../room-table.ts'
import type { MemberRow, Membership, StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import { insertHeadHistory } from '../state/state-table.ts'
import type { HeldNodes } from '../state/state-trees.ts'
import { changeTree, type NewNodes } from '../state/tree.ts'
import type { NodeHash } from '../state/tree-node.ts'
import { insertMissing, insertPendingRedaction, removeMissing, removePendingRedactions } from './received-table.ts'
import { OWN_EVENT, type RoomState } from './room-state.ts'

/** A slot of the current state that changes; the number 0 stands for the event itself. */
export type SlotChange = {
  readonly slot: number
  readonly key: StateMapKey
  readonly before: number | null
  readonly after: number | null
  readonly beforeEvent: RoomEvent | undefined
  readonly afterEvent: RoomEvent | undefined
}

export type ReceivedPlan = {
  readonly head: RoomHead
  readonly event: RoomEvent
  /** 0 accepted, 1 soft-failed, 2 rejected. */
  readonly outcome: 0 | 1 | 2
  readonly outlier: StoredEvent | undefined
  readonly slot: number | null
  /** Place in the timeline, below zero, of one from before those that are here: it is no news to anybody. */
  readonly place: number | undefined
  readonly before: RoomState
  /** What stood in its slot before it. */
  readonly replaced: number | null
  /** The new extremities; undefined: the head stays. */
  readonly tips: readonly Extremity[] | undefined
  readonly changes: readonly SlotChange[]
  /** Numbers of its auth events. */
  readonly authEvents: readonly number[]
  /** Events that it follows and that are not here. */
  readonly missing: readonly EventId[]
  /** It is one that others follow and that was missing. */
  readonly wasMissing: boolean
  readonly redacts: StoredEvent | 'later' | undefined
  /** Number of the redaction that came before it. */
  readonly redactedBy: number | undefined
  readonly isPendingDone: boolean
  /** The room is entered with it. */
  readonly isEntry: boolean
  /** To be passed on to all other servers in the room. */
  readonly isRelayed: boolean
  /** Another server passes it on to the others. */
  readonly isTold: boolean
}

/** Places of the timeline that are left free where events are missing. */
const FREE_PLACES = 2000

/** What is loaded before the transaction is built. */
type Prepared = {
  readonly numberOf: ReadonlyMap<string, number>
  readonly places: TurnPlaces
  readonly held: HeldNodes
  /** Root of the state before the event, and its new nodes. */
  readonly beforeRoot: NodeHash
  readonly fresh: NewNodes
  /** False: the index of auth chains lacks it, as of what was known from outside. */
  readonly isIndexed: boolean
}

/** The event's number, after the fsync. Must hold the room's turn. */
export async function commitReceived(deps: TurnDeps, plan: ReceivedPlan): Promise<number> {
  const prepared = await prepare(deps, plan)
  try {
    return await deps.store.transact((tx) => write(deps, tx, plan, prepared))
  } catch (error) {
    deps.heads.drop(plan.head.row.room)
    throw error
  }
}

async function prepare(deps: TurnDeps, plan: ReceivedPlan): Promise<Prepared> {
  const { event, before, changes, head, outlier } = plan
  const users = changes.flatMap(({ key }) => memberOf(key) ?? [])
  const texts = [...new Set([event.type, event.sender, ...users])]
  const interned = await deps.names.intern(texts)
  const fresh: NewNodes = new Map()
  const held = await deps.trees.loadPaths(
    head.root,
    changes.map(({ slot }) => slot),
  )
  const beforeRoot =
    before.changes.size === 0 ? before.root : await deps.trees.change(before.root, before.changes, fresh)
  const create = head.rules.privilegedCreators ? await deps.heads.loadCells(head, [createKey]) : undefined
  const createNumber = create?.get(createKey)?.number
  const authEvents = createNumber === undefined ? plan.authEvents : [...plan.authEvents, createNumber]
  return {
    numberOf: new Map(texts.map((text, index) => [text, interned[index]!])),
    places: await deps.authChains.load(plan.slot === null ? [] : authEvents),
    ...{ held, beforeRoot, fresh },
    isIndexed: outlier !== undefined && (await deps.authChains.load([outlier.event])).places.has(outlier.event),
  }
}

const createKey = stateKeyOf('m.room.create', '')

function write(deps: TurnDeps, tx: Writer, plan: ReceivedPlan, prepared: Prepared): number {
  const { head, event, outlier, outcome } = plan
  const { room } = head.row
  const isNews = outcome === 0 && plan.place === undefined
  // Places for what is missing before it, should it come.
  if (isNews && plan.missing.length > 0) for (let free = 0; free < FREE_PLACES; free++) deps.journal.takeNumber()
  const position = isNews ? appendEvent(deps, tx, plan) : deps.journal.takeNumber()
  const snapshot = writeStateBefore(deps, tx, plan, prepared)
  const stored = rowOf(plan, prepared, { position, snapshot })
  const { event: number } = stored
  if (outlier === undefined) {
    insertEvent(tx, stored)
    if (plan.slot !== null && outcome !== 2) indexAuth(deps, tx, plan, prepared, number)
  } else {
    updatePlace(tx, stored)
    if (plan.slot !== null && outcome !== 2 && !prepared.isIndexed) indexAuth(deps, tx, plan, prepared, number)
    if (stored.redactedBy !== null) updateRedacted(tx, number, stored.redactedBy, stored.body, stored.rest)
  }
  for (const id of plan.missing) insertMissing(tx, room, id, number)
  if (plan.wasMissing) removeMissing(tx, event.eventId)
  if (plan.wasMissing || plan.missing.length > 0) tx.onCommitted(() => deps.memory.onGapsChanged(room))
  if (plan.isEntry && outcome === 0) {
    updateEntry(tx, room, number)
    updateOutside(tx, room, head.create.eventId)
  }
  if (plan.isPendingDone) removePendingRedactions(tx, event.eventId)
  const pruned = applyRedaction(tx, plan, number)
  if (isNews) writeHead(deps, tx, plan, prepared, { stored, position, pruned })
  else {
    deps.trees.insertNodes(tx, prepared.fresh)
    tx.onCommitted(() => forgetPruned(deps, head, pruned))
  }
  tx.onCommitted(() => {
    deps.authChains.remember(prepared.places)
    if (plan.slot !== null) deps.memory.onStateStored(room)
    if (plan.place !== undefined) deps.memory.onHistoryStored(room)
  })
  return number
}

/** An event that was an outlier keeps its number. */
function appendEvent(
  { journal }: TurnDeps,
  tx: Writer,
  { head, outlier, slot, isRelayed, isTold }: ReceivedPlan,
): number {
  const { room } = head.row
  const known = { ...(outlier && { event: outlier.event }), ...(slot !== null && { slot }) }
  const telling = { ...(isRelayed && { relay: true as const }), ...(isTold && { told: true as const }) }
  return journal.append(tx, { kind: 'event', room, ...known, ...telling })
}

function writeStateBefore(deps: TurnDeps, tx: Writer, { before }: ReceivedPlan, { beforeRoot }: Prepared): number {
  if (before.changes.size === 0) return before.snapshot
  const snapshot = deps.nextSnapshot()
  deps.trees.insertSnapshot(tx, snapshot, beforeRoot)
  return snapshot
}

function rowOf(
  plan: ReceivedPlan,
  { numberOf }: Prepared,
  { position, snapshot }: { position: number; snapshot: number },
): StoredEvent {
  const { event, outlier, outcome, head, redactedBy } = plan
  const { rules, roomId } = head
  const isPruned = redactedBy !== undefined
  const shown = isPruned ? parseStoredEvent(rules, event.eventId, roomId, redact(rules, event.pdu)) : event
  return {
    event: outlier?.event ?? position,
    eventId: event.eventId,
    room: head.row.room,
    stream: outcome === 0 ? (plan.place ?? position) : null,
    type: numberOf.get(event.type)!,
    sender: numberOf.get(event.sender)!,
    slot: plan.slot,
    depth: event.depth,
    ts: event.originServerTs,
    outcome,
    snapshot,
    replaces: plan.replaced,
    redactedBy: redactedBy ?? null,
    ...splitEventText(shown),
  }
}

function indexAuth(deps: TurnDeps, tx: Writer, plan: ReceivedPlan, { places }: Prepared, number: number): void {
  const authEvents = [...places.places.keys()]
  deps.authChains.insert(tx, places, { number, type: plan.event.type, authEvents })
}

/** The first redaction counts: what is pruned already stays as it is. */
function applyRedaction(tx: Writer, { head, redacts, event }: ReceivedPlan, number: number): StoredEvent[] {
  if (redacts === 'later') insertPendingRedaction(tx, event.redacts!, number)
  if (redacts === 'later' || redacts === undefined || redacts.redactedBy !== null) return []
  const { rules, roomId } = head
  const pruned = redact(rules, toRoomEvent(rules, roomId, redacts).pdu)
  const texts = splitEventText(parseStoredEvent(rules, redacts.eventId, roomId, pruned))
  updateRedacted(tx, redacts.event, number, texts.body, texts.rest)
  return [{ ...redacts, redactedBy: number, ...texts }]
}

type Written = { readonly stored: StoredEvent; readonly position: number; readonly pruned: readonly StoredEvent[] }

/** Current state, members, extremities and last position. */
function writeHead(deps: TurnDeps, tx: Writer, plan: ReceivedPlan, prepared: Prepared, written: Written): void {
  const { head, changes, tips } = plan
  const { stored, position, pruned } = written
  const numberOf = (number: number) => (number === OWN_EVENT ? stored.event : number)
  const { root, snapshot } = writeStateAfter(deps, tx, plan, prepared, written)
  const members = changes.flatMap((change) => changeMember(deps, tx, head, change, { prepared, position, numberOf }))
  const row: RoomRow = {
    ...head.row,
    snapshot,
    extremities: (tips ?? head.row.extremities).map((tip) => ({ ...tip, event: numberOf(tip.event) })),
    joinedCount: head.row.joinedCount + countChange(changes, 'join'),
    invitedCount: head.row.invitedCount + countChange(changes, 'invite'),
    lastPosition: position,
    // Who enters anew is told the whole state.
    completeSince: plan.isEntry ? (head.row.completeSince ?? position) : head.row.completeSince,
  }
  updateRoom(tx, row, head.row.lastPosition)
  if (row.completeSince !== head.row.completeSince) {
    updateCompleteSince(tx, row.room, row.completeSince)
  }
  if (plan.isEntry) removePartial(tx, row.room)
  tx.onCommitted(() => {
    for (const { key, after, afterEvent } of changes) {
      head.cells.set(
        key,
        after === null || afterEvent === undefined ? null : { number: numberOf(after), event: afterEvent },
      )
    }
    for (const target of pruned) pruneCell(head, target)
    deps.heads.put({ ...head, row, root })
    deps.memory.onCommitted(row.room, [stored], pruned, members)
  })
}

function writeStateAfter(deps: TurnDeps, tx: Writer, plan: ReceivedPlan, prepared: Prepared, written: Written) {
  const { head, changes } = plan
  const { fresh, held } = prepared
  if (changes.length === 0) {
    deps.trees.insertNodes(tx, fresh)
    return { root: head.root, snapshot: head.row.snapshot }
  }
  const known = { get: (hash: NodeHash) => fresh.get(hash)?.node ?? held.get(hash) }
  const slots = new Map(changes.map(({ slot, after }) => [slot, after === OWN_EVENT ? written.stored.event : after]))
  const changed = changeTree(known, head.root, slots, fresh)
  if ('missing' in changed) throw new Error('the path of a changed slot was not loaded')
  const snapshot = deps.nextSnapshot()
  deps.trees.insertNodes(tx, fresh)
  deps.trees.insertSnapshot(tx, snapshot, changed.root)
  insertHeadHistory(tx, head.row.room, written.position, snapshot)
  return { root: changed.root, snapshot }
}

type MemberContext = {
  readonly prepared: Prepared
  readonly position: number
  readonly numberOf: (number: number) => number
}

function changeMember(
  deps: TurnDeps,
  tx: Writer,
  head: RoomHead,
  change: SlotChange,
  { prepared, position, numberOf }: MemberContext,
): MemberRow[] {
  const userId = memberOf(change.key)
  if (userId === undefined) return []
  const { room } = head.row
  const user = prepared.numberOf.get(userId)!
  const membership = membershipOf(change.afterEvent)
  const event = numberOf((change.after ?? change.before)!)
  const member = { room, user, membership, event, position, forgotten: false }
  upsertMember(tx, member)
  deps.journal.append(tx, { kind: 'membership', room, user, event, membership })
  return [member]
}

function countChange(changes: readonly SlotChange[], counted: Membership): number {
  let count = 0
  for (const { key, beforeEvent, afterEvent } of changes) {
    if (memberOf(key) === undefined) continue
    count += Number(membershipOf(afterEvent) === counted) - Number(membershipOf(beforeEvent) === counted)
  }
  return count
}

function memberOf(key: StateMapKey): UserId | undefined {
  const [type, stateKey] = splitStateKey(key)
  return type === 'm.room.member' ? (stateKey as UserId) : undefined
}

function membershipOf(event: RoomEvent | undefined): Membership {
  const membership = event?.content.membership
  return typeof membership === 'string' ? (membership as Membership) : 'leave'
}

/** What was redacted by an event from before is not shown from memory as it was. */
function forgetPruned(deps: TurnDeps, head: RoomHead, pruned: readonly StoredEvent[]): void {
  for (const target of pruned) pruneCell(head, target)
  if (pruned.length > 0) deps.memory.onCommitted(head.row.room, [], pruned, [])
}

/** A redacted state event stays in its slot, with less content. */
function pruneCell(head: RoomHead, target: StoredEvent): void {
  const event = toRoomEvent(head.rules, head.roomId, target)
  if (event.stateKey === undefined) return
  const key = stateKeyOf(event.type, event.stateKey)
  if (head.cells.get(key)?.number === target.event) head.cells.set(key, { number: target.event, event })
}
