/**
 * Gives a room that was joined without all of its members its whole state. All of it is one transaction: until then
 * nothing has changed, and after it nobody can tell that members were missing.
 */

import {
  type EventId,
  type ServerName,
  type StateMapKey,
  serverNameOf,
  splitStateKey,
  type UserId,
} from '@parallax/protocol'
import type { Writer } from '../../store/index.ts'
import { listEvents, updateJudged } from '../event-table.ts'
import type { RoomHead } from '../heads.ts'
import { listMembersOfRoom, upsertMember } from '../member-table.ts'
import type { RoomState } from '../receive/room-state.ts'
import { findEntry, type RoomRow, updateCompleteSince, updateRoom } from '../room-table.ts'
import type { Completion, MemberRow, PartialRoom } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import { insertHeadHistory, listHeadsFrom, updateHeadHistory } from '../state/state-table.ts'
import type { NewNodes } from '../state/tree.ts'
import type { NodeHash } from '../state/tree-node.ts'
import type { Completions } from './completions.ts'
import { findPartial, removePartial, upsertPartial } from './partial-table.ts'
import { type Replayed, replay } from './replay.ts'
import { type Membering, membershipOf, storeWholeState, type WholeState } from './whole-state.ts'

/** `state`: what another server says was before the join, by ID; `unproven`: servers whose events it lacks still. */
type Told = { readonly state: readonly EventId[]; readonly unproven: readonly ServerName[] }

/** The state lacks events of servers whose keys could not be had; only of the join by which the room was entered. */
export async function noteUnproven({ queue, reader, store }: TurnDeps, partial: PartialRoom): Promise<void> {
  await queue.run(partial.room, async () => {
    const entry = await findEntry(reader, partial.room)
    if (entry?.event !== partial.joinEvent) return
    await store.transact((tx) => upsertPartial(tx, partial))
  })
}

export async function completeRoom(
  deps: TurnDeps,
  completions: Completions,
  room: number,
  { state, unproven }: Told,
): Promise<Completion> {
  const partial = await findPartial(deps.reader, room)
  const before = await deps.heads.find(room)
  if (partial === undefined || before === undefined) return { kind: 'complete' }
  const [join] = await listEvents(deps.reader, [partial.joinEvent])
  if (join === undefined) throw new Error(`the join ${partial.joinEvent} to a partial room is not stored`)
  const whole = await storeWholeState(deps, before, join, state)
  if (typeof whole === 'string') return { kind: 'refused', reason: whole }
  await deps.queue.run(room, async () => {
    const head = await deps.heads.find(room)
    const now = await findPartial(deps.reader, room)
    // Left meanwhile, and entered anew.
    if (head === undefined || now?.joinEvent !== partial.joinEvent) return
    const replayed = await replay(deps, head, join, whole.state)
    await commitWhole(deps, head, await prepare(deps, head, { ...whole, ...now, unproven }, replayed))
  })
  completions.tell(room)
  return { kind: 'complete' }
}

type Snapshots = ReadonlyMap<RoomState['changes'], { readonly root: NodeHash; readonly snapshot: number }>

type Prepared = {
  readonly replayed: Replayed
  readonly fresh: NewNodes
  readonly snapshots: Snapshots
  readonly oldHeads: readonly { readonly position: number; readonly snapshot: number; readonly root: NodeHash }[]
  readonly members: readonly MemberChange[]
  readonly counts: Pick<RoomRow, 'joinedCount' | 'invitedCount'>
  /** Joined users of ours: to their clients the room is as if they had joined just now. */
  readonly ours: readonly MemberRow[]
  /** Servers are in the room that were not told to be: they have not heard of changed devices of ours. */
  readonly areServersNew: boolean
  /** What is left out still. */
  readonly rest: PartialRoom | undefined
}

/** `isTold`: somebody may have been told of another membership. */
type MemberChange = { readonly row: Omit<MemberRow, 'position'>; readonly isTold: boolean }

async function prepare(
  deps: TurnDeps,
  head: RoomHead,
  whole: WholeState & PartialRoom,
  replayed: Replayed,
): Promise<Prepared> {
  const fresh: NewNodes = new Map()
  const snapshots = new Map<RoomState['changes'], { root: NodeHash; snapshot: number }>()
  snapshots.set(whole.state.changes, whole.state)
  for (const { changes } of [...replayed.events.map(({ before }) => before), replayed.now]) {
    if (snapshots.has(changes)) continue
    const root = await deps.trees.change(whole.state.root, changes, fresh)
    snapshots.set(changes, { root, snapshot: deps.nextSnapshot() })
  }
  const now = await listMembers(deps, whole, replayed)
  const { members, ours } = await compareMembers(deps, head.row.room, now)
  const count = (counted: string) => [...now.values()].filter(({ membership }) => membership === counted).length
  const counts = { joinedCount: count('join'), invitedCount: count('invite') }
  const oldHeads = await rewriteHeads(deps, head, whole.state.root, replayed, fresh)
  const told = new Set<string>(whole.servers)
  const areServersNew = [...now].some(([userId, { membership }]) => {
    const server = serverNameOf(userId)
    return membership === 'join' && !told.has(server) && deps.findSigner(server) === undefined
  })
  const { room, joinEvent, servers, unproven } = whole
  const rest = unproven.length === 0 ? undefined : { room, joinEvent, servers, unproven }
  return { replayed, fresh, snapshots, members, ours, counts, oldHeads, areServersNew, rest }
}

/**
 * What clients were told of the room's state since the join, as the whole state with that in it: so what they are told
 * next is what differs from that, and not all members.
 */
async function rewriteHeads(
  deps: TurnDeps,
  { row }: RoomHead,
  whole: NodeHash,
  { events }: Replayed,
  fresh: NewNodes,
): Promise<Prepared['oldHeads']> {
  const heads: { position: number; snapshot: number; root: NodeHash }[] = []
  for (const { position, snapshot } of await listHeadsFrom(deps.reader, row.room, events[0]!.stored.stream!)) {
    const told = await deps.trees.listEntries(await deps.trees.requireRoot(snapshot))
    const root = await deps.trees.change(whole, new Map(told.map(({ slot, event }) => [slot, event])), fresh)
    heads.push({ position, snapshot: deps.nextSnapshot(), root })
  }
  return heads
}

async function listMembers(
  { names }: TurnDeps,
  { members }: WholeState,
  { now, loaded }: Replayed,
): Promise<Map<UserId, Membering>> {
  const found = new Map(members)
  const slots = [...now.changes.keys()]
  const keys = (await names.texts(slots)) as StateMapKey[]
  for (const [index, slot] of slots.entries()) {
    const [type, stateKey] = splitStateKey(keys[index]!)
    if (type !== 'm.room.member') continue
    const number = now.changes.get(slot)!
    if (number === null) found.delete(stateKey as UserId)
    else {
      await loaded.load([number])
      const membership = membershipOf(loaded.byNumber(number)!.event)
      found.set(stateKey as UserId, { membership, event: number })
    }
  }
  return found
}

async function compareMembers(
  deps: TurnDeps,
  room: number,
  now: ReadonlyMap<UserId, Membering>,
): Promise<Pick<Prepared, 'members' | 'ours'>> {
  const before = new Map((await listMembersOfRoom(deps.reader, room)).map((row) => [row.user, row]))
  const userIds = [...now.keys()]
  const users = await deps.names.intern(userIds)
  const members: MemberChange[] = []
  const ours: MemberRow[] = []
  for (const [index, user] of users.entries()) {
    const { membership, event } = now.get(userIds[index]!)!
    const known = before.get(user)
    before.delete(user)
    const isOurs = deps.findSigner(serverNameOf(userIds[index]!)) !== undefined
    if (known?.membership === membership && known.event === event) {
      if (isOurs && membership === 'join') ours.push(known)
      continue
    }
    members.push({ row: { room, user, membership, event, forgotten: false }, isTold: known !== undefined || isOurs })
  }
  for (const row of before.values()) {
    if (row.membership !== 'leave') members.push({ row: { ...row, membership: 'leave' }, isTold: true })
  }
  return { members, ours }
}

async function commitWhole(deps: TurnDeps, head: RoomHead, prepared: Prepared): Promise<void> {
  const { room } = head.row
  try {
    await deps.store.transact((tx) => write(deps, tx, head, prepared))
  } finally {
    deps.heads.drop(room)
  }
}

function write(deps: TurnDeps, tx: Writer, head: RoomHead, prepared: Prepared): void {
  const { replayed, fresh, snapshots, oldHeads, members, ours, counts, areServersNew, rest } = prepared
  const { room } = head.row
  const now = snapshots.get(replayed.now.changes)!
  deps.trees.insertNodes(tx, fresh)
  const [first] = snapshots.values()
  for (const one of [...snapshots.values(), ...oldHeads]) {
    if (one !== first) deps.trees.insertSnapshot(tx, one.snapshot, one.root)
  }
  for (const { stored, before, replaces, outcome } of replayed.events) {
    updateJudged(tx, { event: stored.event, outcome, replaces, snapshot: snapshots.get(before.changes)!.snapshot })
  }
  for (const { position, snapshot } of oldHeads) updateHeadHistory(tx, room, position, snapshot)
  const position = deps.journal.takeNumber()
  for (const { row, isTold } of members) {
    upsertMember(tx, { ...row, position })
    const { user, event, membership } = row
    if (isTold) deps.journal.append(tx, { kind: 'membership', room, user, event, membership })
  }
  let last = position
  for (const { user, event, membership } of ours) {
    if (areServersNew) deps.journal.append(tx, { kind: 'device-list', user })
    last = deps.journal.append(tx, { kind: 'membership', room, user, event, membership })
  }
  insertHeadHistory(tx, room, position, now.snapshot)
  const extremities = replayed.tips
  const row = { ...head.row, ...counts, snapshot: now.snapshot, extremities, lastPosition: last, completeSince: last }
  updateRoom(tx, row, head.row.lastPosition)
  updateCompleteSince(tx, room, last)
  if (rest === undefined) removePartial(tx, room)
  else upsertPartial(tx, rest)
  tx.onCommitted(() => {
    deps.heads.drop(room)
    deps.memory.onStateStored(room)
    deps.memory.onRewritten(room, [...members.map(({ row: { user } }) => user), ...ours.map(({ user }) => user)])
  })
}
