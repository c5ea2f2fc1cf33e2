/**
 * The one function that writes events: rows, state, members, head, transaction IDs and journal entries of a turn go
 * into one transaction of the store.
 */

import {
  type EventId,
  parseStoredEvent,
  type RoomEvent,
  redact,
  type StateMapKey,
  stateKeyOf,
} from '@parallax/protocol'
import type { Journal } from '../journal/index.ts'
import type { Store, Writer } from '../store/index.ts'
import type { AuthChains, TurnPlaces } from './auth-chain/auth-chains.ts'
import type { Accepted, Working } from './decide.ts'
import { insertEvent, splitEventText, updateRedacted } from './event-table.ts'
import { type Heads, type RoomHead, type StateCell, toRoomEvent } from './heads.ts'
import { upsertMember } from './member-table.ts'
import type { Memory } from './memory.ts'
import { insertPendingRedaction } from './receive/received-table.ts'
import { type Extremity, insertRoom, type RoomRow, updateRoom } from './room-table.ts'
import type { MemberRow, StoredEvent } from './rooms.ts'
import { insertHeadHistory } from './state/state-table.ts'
import type { HeldNodes, StateTrees } from './state/state-trees.ts'
import { changeTree, type NewNodes } from './state/tree.ts'
import type { NodeHash } from './state/tree-node.ts'
import { insertTransaction } from './transaction-table.ts'

export type CommitDeps = {
  readonly store: Store
  readonly journal: Journal
  readonly heads: Heads
  readonly trees: StateTrees
  readonly memory: Memory
  readonly authChains: AuthChains
  /** Numbers of snapshots, never used before. */
  readonly nextSnapshot: () => number
}

/** Everything that a turn adds to one room; names are interned and paths of the state tree loaded. */
export type TurnPlan = {
  readonly head: RoomHead
  readonly isNewRoom: boolean
  readonly accepted: readonly Accepted[]
  readonly working: Working
  readonly numberOf: (text: string) => number
  readonly held: HeldNodes
  /** Places of the accepted events' auth events in the auth-chain index. */
  readonly places: TurnPlaces
  /** Number of an auth event that is stored already. */
  readonly storedNumber: (eventId: EventId) => number | undefined
  /** What else belongs into the transaction. */
  readonly alsoWrite?: ((tx: Writer) => void) | undefined
}

/** What the transaction's builder changes as it goes from event to event. */
type Progress = {
  root: NodeHash
  snapshot: number
  joinedCount: number
  invitedCount: number
  readonly fresh: NewNodes
  readonly numbers: Map<string, number>
  readonly stored: StoredEvent[]
  readonly pruned: StoredEvent[]
  readonly members: MemberRow[]
}

/**
 * Stores the accepted events in order; answers them as rows, after the fsync. Throws StoreError 'conflict' if the head
 * is not the room's newest: nothing is stored then, and the next `heads.find` reads the store.
 */
export async function commit(deps: CommitDeps, plan: TurnPlan): Promise<readonly StoredEvent[]> {
  try {
    return await deps.store.transact((tx) => {
      const progress = startOf(plan)
      for (const accepted of plan.accepted) commitEvent(deps, tx, plan, progress, accepted)
      deps.trees.insertNodes(tx, progress.fresh)
      const head = headAfter(plan, progress)
      if (plan.isNewRoom) insertRoom(tx, head.row)
      else updateRoom(tx, head.row, plan.head.row.lastPosition)
      plan.alsoWrite?.(tx)
      tx.onCommitted(() => {
        changeCells(head, plan, progress)
        deps.heads.put(head)
        deps.authChains.remember(plan.places)
        deps.memory.onCommitted(head.row.room, progress.stored, progress.pruned, progress.members)
      })
      return progress.stored
    })
  } catch (error) {
    deps.heads.drop(plan.head.row.room)
    throw error
  }
}

function startOf({ head }: TurnPlan): Progress {
  const { snapshot, joinedCount, invitedCount } = head.row
  const empty = { fresh: new Map(), numbers: new Map(), stored: [], pruned: [], members: [] }
  return { root: head.root, snapshot, joinedCount, invitedCount, ...empty }
}

function commitEvent(deps: CommitDeps, tx: Writer, plan: TurnPlan, progress: Progress, accepted: Accepted): void {
  const { event } = accepted
  const { room } = plan.head.row
  const slotKey = event.stateKey === undefined ? undefined : stateKeyOf(event.type, event.stateKey)
  const slot = slotKey === undefined ? null : plan.numberOf(slotKey)
  const more = { ...(slot !== null && { slot }), ...(accepted.isRelayed && { relay: true as const }) }
  const number = deps.journal.append(tx, { kind: 'event', room, ...more })
  progress.numbers.set(event.eventId, number)
  const stored: StoredEvent = {
    event: number,
    eventId: event.eventId,
    room,
    stream: number,
    type: plan.numberOf(event.type),
    sender: plan.numberOf(event.sender),
    slot,
    depth: event.depth,
    ts: event.originServerTs,
    outcome: 0,
    snapshot: progress.snapshot,
    replaces: replacedNumber(accepted, progress),
    redactedBy: null,
    ...splitEventText(event),
  }
  insertEvent(tx, stored)
  progress.stored.push(stored)
  if (slot !== null) {
    changeState(deps, tx, plan, progress, slot, number)
    indexAuth(deps, tx, plan, progress, event, number)
  }
  if (accepted.transaction !== undefined) insertTransaction(tx, room, accepted.transaction, number)
  if (accepted.membership !== undefined) changeMember(deps, tx, plan, progress, accepted, number)
  if (accepted.redacts === 'later') insertPendingRedaction(tx, event.redacts!, number)
  else if (accepted.redacts !== undefined) prune(tx, plan, progress, accepted.redacts, number)
}

function indexAuth(
  deps: CommitDeps,
  tx: Writer,
  plan: TurnPlan,
  progress: Progress,
  event: RoomEvent,
  number: number,
): void {
  const authEvents = event.authEvents.flatMap((id) => progress.numbers.get(id) ?? plan.storedNumber(id) ?? [])
  // In version 12 the create event is not named, but everything rests on it.
  if (plan.head.rules.privilegedCreators && event.type !== 'm.room.create') {
    const { eventId } = plan.head.create
    authEvents.push(...[progress.numbers.get(eventId) ?? plan.storedNumber(eventId) ?? []].flat())
  }
  deps.authChains.insert(tx, plan.places, { number, type: event.type, authEvents })
}

function replacedNumber(accepted: Accepted, progress: Progress): number | null {
  const { replaced } = accepted
  if (replaced === undefined) return null
  return replaced.number ?? progress.numbers.get(replaced.event.eventId) ?? null
}

function changeState(
  deps: CommitDeps,
  tx: Writer,
  plan: TurnPlan,
  progress: Progress,
  slot: number,
  number: number,
): void {
  const known = { get: (hash: NodeHash) => progress.fresh.get(hash)?.node ?? plan.held.get(hash) }
  const changed = changeTree(known, progress.root, new Map([[slot, number]]), progress.fresh)
  if ('missing' in changed) throw new Error('the path of a changed slot was not loaded')
  progress.root = changed.root
  progress.snapshot = deps.nextSnapshot()
  deps.trees.insertSnapshot(tx, progress.snapshot, progress.root)
  insertHeadHistory(tx, plan.head.row.room, number, progress.snapshot)
}

function changeMember(
  deps: CommitDeps,
  tx: Writer,
  plan: TurnPlan,
  progress: Progress,
  { membership }: Accepted,
  number: number,
): void {
  const { user, before, after } = membership!
  const { room } = plan.head.row
  const member = {
    room,
    user: plan.numberOf(user),
    membership: after,
    event: number,
    position: number,
    forgotten: false,
  }
  upsertMember(tx, member)
  progress.members.push(member)
  progress.joinedCount += Number(after === 'join') - Number(before === 'join')
  progress.invitedCount += Number(after === 'invite') - Number(before === 'invite')
  deps.journal.append(tx, { kind: 'membership', room, user: member.user, event: number, membership: after })
}

/** The first redaction counts: what is pruned already stays as it is. */
function prune(tx: Writer, plan: TurnPlan, progress: Progress, target: StoredEvent, by: number): void {
  const { rules, roomId } = plan.head
  const isPruned = target.redactedBy !== null || progress.pruned.some((other) => other.event === target.event)
  if (isPruned) return
  const pruned = redact(rules, toRoomEvent(rules, roomId, target).pdu)
  const { body, rest } = splitEventText(parseStoredEvent(rules, target.eventId, roomId, pruned))
  updateRedacted(tx, target.event, by, body, rest)
  progress.pruned.push({ ...target, redactedBy: by, body, rest })
}

function headAfter(plan: TurnPlan, progress: Progress): RoomHead {
  const { head, working } = plan
  const extremities: Extremity[] = working.tips.map(({ eventId, depth, number }) => ({
    event: number ?? progress.numbers.get(eventId)!,
    eventId,
    depth,
  }))
  const row: RoomRow = {
    ...head.row,
    snapshot: progress.snapshot,
    extremities,
    joinedCount: progress.joinedCount,
    invitedCount: progress.invitedCount,
    lastPosition: progress.stored.at(-1)?.event ?? head.row.lastPosition,
  }
  return { ...head, row, root: progress.root }
}

function changeCells(head: RoomHead, { working }: TurnPlan, progress: Progress): void {
  for (const [key, { event }] of working.cells) head.cells.set(key, cellOf(event, progress))
  for (const target of progress.pruned) pruneCell(head, target)
}

function cellOf(event: StateCell['event'], progress: Progress): StateCell {
  return { number: progress.numbers.get(event.eventId)!, event }
}

/** A redacted state event stays in its slot, with less content. */
function pruneCell(head: RoomHead, target: StoredEvent): void {
  const event = toRoomEvent(head.rules, head.roomId, target)
  if (event.stateKey === undefined) return
  const key: StateMapKey = stateKeyOf(event.type, event.stateKey)
  if (head.cells.get(key)?.number === target.event) head.cells.set(key, { number: target.event, event })
}
