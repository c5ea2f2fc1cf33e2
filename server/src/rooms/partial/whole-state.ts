/** The whole state before the join to a room whose members were left out, as another server tells it. */

import { setImmediate } from 'node:timers/promises'
import {
  type AuthState,
  type EventId,
  type RoomEvent,
  type StateMapKey,
  selectAuthEvents,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import { listEventsById } from '../event-table.ts'
import { type RoomHead, toRoomEvent } from '../heads.ts'
import { judge } from '../receive/judge.ts'
import { createLoadedEvents } from '../receive/loaded-events.ts'
import type { RoomState } from '../receive/room-state.ts'
import type { Membership, StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import { emptyRoot, type NewNodes } from '../state/tree.ts'

/** Events that are read before others have their turn. */
const READ_AT_ONCE = 1000

/** A membership, and its event. */
export type Membering = { readonly membership: Membership; readonly event: number }

export type WholeState = { readonly state: RoomState; readonly members: ReadonlyMap<UserId, Membering> }

/**
 * Stores the state as a tree; answers a sentence if it cannot be the state before the join: it must hold the room's
 * create event and let the user in. Of several events for one key the last counts; rejected and unknown ones are left
 * out.
 */
export async function storeWholeState(
  deps: TurnDeps,
  head: RoomHead,
  join: StoredEvent,
  ids: readonly EventId[],
): Promise<WholeState | string> {
  const own = toRoomEvent(head.rules, head.roomId, join)
  const wanted = new Set(selectAuthEvents(head.rules, own).map(([type, key]) => stateKeyOf(type, key)))
  const read = await readState(deps, head, ids, wanted)
  if (read.createNumber === undefined) return 'The state has not the create event of the room.'
  const events = createLoadedEvents(deps.reader, { ...head, room: head.row.room })
  await events.loadById([...own.authEvents, head.create.eventId])
  const before: AuthState = { get: (type, key) => read.kept.get(stateKeyOf(type, key)) }
  const signed = { isAuthoriserSigned: true, isPolicySigned: true }
  const facts = { create: head.create, find: (id: EventId) => events.byId(id), before, now: undefined, ...signed }
  const verdict = judge(head.rules, own, facts)
  if (verdict.outcome !== 0) return `The state does not let our user in: ${verdict.reason}.`
  const fresh: NewNodes = new Map()
  const root = await deps.trees.change(emptyRoot, read.slots, fresh)
  const snapshot = deps.nextSnapshot()
  await deps.store.transact((tx) => {
    deps.trees.insertNodes(tx, fresh)
    deps.trees.insertSnapshot(tx, snapshot, root)
  })
  return { state: { root, snapshot, changes: new Map() }, members: read.members }
}

/** What is needed of the events; they are many. */
type ReadState = {
  readonly slots: ReadonlyMap<number, number>
  readonly members: ReadonlyMap<UserId, Membering>
  /** Those of the wanted keys. */
  readonly kept: ReadonlyMap<StateMapKey, RoomEvent>
  readonly createNumber: number | undefined
}

async function readState(
  deps: TurnDeps,
  { row, rules, roomId, create }: RoomHead,
  ids: readonly EventId[],
  wanted: ReadonlySet<StateMapKey>,
): Promise<ReadState> {
  const slots = new Map<number, number>()
  const members = new Map<UserId, Membering>()
  const kept = new Map<StateMapKey, RoomEvent>()
  let createNumber: number | undefined
  for (let from = 0; from < ids.length; from += READ_AT_ONCE) {
    if (from > 0) await setImmediate()
    const part = ids.slice(from, from + READ_AT_ONCE)
    const byId = new Map((await listEventsById(deps.reader, part)).map((stored) => [stored.eventId, stored]))
    for (const stored of part.flatMap((id) => byId.get(id) ?? [])) {
      if (stored.room !== row.room || stored.slot === null || stored.outcome === 2) continue
      slots.set(stored.slot, stored.event)
      const event = toRoomEvent(rules, roomId, stored)
      const key = stateKeyOf(event.type, event.stateKey!)
      if (wanted.has(key)) kept.set(key, event)
      if (event.eventId === create.eventId) createNumber = stored.event
      if (event.type !== 'm.room.member') continue
      const membership = membershipOf(event)
      members.set(event.stateKey as UserId, { membership, event: stored.event })
    }
  }
  return { slots, members, kept, createNumber }
}

export function membershipOf({ content }: RoomEvent): Membership {
  return typeof content.membership === 'string' ? (content.membership as Membership) : 'leave'
}
