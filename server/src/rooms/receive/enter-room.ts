/** The first event of a room that other servers have known: a join, with the state that another server told. */

import { setImmediate } from 'node:timers/promises'
import {
  type AuthState,
  type EventId,
  type RoomEvent,
  type ServerName,
  type StateMapKey,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import { Lru, MatrixError } from '../../base/index.ts'
import type { Writer } from '../../store/index.ts'
import type { TurnPlaces } from '../auth-chain/auth-chains.ts'
import { insertEvent, splitEventText, updateOutside, updatePlace } from '../event-table.ts'
import { CELLS_MAX, type RoomHead, type StateCell } from '../heads.ts'
import { upsertMember } from '../member-table.ts'
import { upsertPartial } from '../partial/partial-table.ts'
import { insertRoom, type RoomRow, updateEntry } from '../room-table.ts'
import type { MemberRow, Membership, StoredEvent } from '../rooms.ts'
import type { TurnDeps } from '../run-turn.ts'
import { insertHeadHistory } from '../state/state-table.ts'
import { changeTree, emptyRoot, type NewNodes } from '../state/tree.ts'
import type { NodeHash } from '../state/tree-node.ts'
import type { Arriving, OutlierRoom, Receipt } from './arriving.ts'
import { judge } from './judge.ts'
import { createLoadedEvents, type LoadedEvents } from './loaded-events.ts'
import { receiveAside } from './receive-aside.ts'
import { insertMissing } from './received-table.ts'

/** Events that are read before others have their turn. */
const LOADED_AT_ONCE = 1000

/** The told state, by key, and what the join rests on. */
type Told = {
  readonly events: LoadedEvents
  readonly byKey: ReadonlyMap<StateMapKey, StoredEvent>
  readonly create: RoomEvent
  /** The join as an outlier: another user's join, side by side, may have told it already. */
  readonly outlier: StoredEvent | undefined
}

/**
 * A room that was left before goes on from the join: what was known of it then counts no more. Throws MatrixError
 * M_FORBIDDEN if the told state does not let the user in, M_BAD_STATE if it is none. `omitted`: members were left out;
 * the servers that are in the room.
 */
export function enterRoom(
  deps: TurnDeps,
  where: OutlierRoom,
  join: Arriving,
  omitted?: readonly ServerName[],
): Promise<Receipt> {
  return deps.queue.run(where.room, async () => {
    if ((await deps.heads.find(where.room)) !== undefined) {
      // Somebody else was quicker: half a state is not mixed with what is known.
      if (omitted !== undefined) return { kind: 'postponed' }
      const servers = await deps.memory.listJoinedServers(where.room)
      const isIn = [...servers.keys()].some((server) => deps.findSigner(server) !== undefined)
      return receiveAside(deps, where.room, { ...join, isTold: true }, isIn ? {} : { isEntry: true })
    }
    const told = await loadTold(deps, where, join)
    checkJoin(where, join, told)
    return { kind: 'accepted', event: await write(deps, where, join, told, omitted), isNew: true }
  })
}

async function loadTold(deps: TurnDeps, where: OutlierRoom, join: Arriving): Promise<Told> {
  const events = createLoadedEvents(deps.reader, where)
  const ids = [...(join.stateBefore ?? []), ...join.event.authEvents, join.event.eventId]
  for (let from = 0; from < ids.length; from += LOADED_AT_ONCE) {
    if (from > 0) await setImmediate()
    await events.loadById(ids.slice(from, from + LOADED_AT_ONCE))
  }
  const byKey = new Map<StateMapKey, StoredEvent>()
  for (const id of join.stateBefore ?? []) {
    const loaded = events.byId(id)
    if (loaded?.stored === undefined || loaded.isRejected || loaded.event.stateKey === undefined) continue
    byKey.set(stateKeyOf(loaded.event.type, loaded.event.stateKey), loaded.stored)
  }
  const create = byKey.get(stateKeyOf('m.room.create', ''))
  if (create === undefined) throw new MatrixError('M_BAD_STATE', 'The other server told of no create event.')
  const outlier = events.byId(join.event.eventId)?.stored
  return { events, byKey, create: events.byId(create.eventId)!.event, outlier }
}

function checkJoin({ rules }: OutlierRoom, join: Arriving, { events, byKey, create }: Told): void {
  const before: AuthState = {
    get(type, stateKey) {
      const stored = byKey.get(stateKeyOf(type, stateKey))
      return stored && events.byId(stored.eventId)?.event
    },
  }
  const { isAuthoriserSigned, isPolicySigned } = join
  const find = (id: EventId) => events.byId(id)
  const verdict = judge(rules, join.event, {
    ...{ create, find, before, now: undefined, isAuthoriserSigned, isPolicySigned },
  })
  if (verdict.outcome !== 0) throw new MatrixError('M_FORBIDDEN', `${verdict.reason}.`)
}

async function write(
  deps: TurnDeps,
  where: OutlierRoom,
  { event }: Arriving,
  told: Told,
  omitted: readonly ServerName[] | undefined,
): Promise<number> {
  const { room, rules, roomId } = where
  const joinKey = stateKeyOf(event.type, event.stateKey!)
  const members = listMembers(told)
  const texts = [event.type, event.sender, joinKey, ...members.map(({ userId }) => userId)]
  const interned = await deps.names.intern(texts)
  const [type, sender, slot, ...users] = interned as [number, number, number, ...number[]]
  const fresh: NewNodes = new Map()
  const entries = new Map([...told.byKey.values()].map((stored) => [stored.slot!, stored.event]))
  const beforeRoot = await deps.trees.change(emptyRoot, entries, fresh)
  const held = await deps.trees.loadPaths(beforeRoot, [slot], { ...noNodes, get: (hash) => fresh.get(hash)?.node })
  const places = await deps.authChains.load(event.authEvents.flatMap((id) => told.events.byId(id)?.number ?? []))
  const cells = new Lru<StateMapKey, StateCell | null>(CELLS_MAX)
  return deps.store.transact((tx) => {
    // An event that was an outlier keeps its number.
    const kept = told.outlier && { event: told.outlier.event, slot }
    const position = deps.journal.append(tx, { kind: 'event', room, ...kept, told: true })
    const number = kept?.event ?? position
    const before = deps.nextSnapshot()
    const after = deps.nextSnapshot()
    const known = { get: (hash: NodeHash) => fresh.get(hash)?.node ?? held.get(hash) }
    const changed = changeTree(known, beforeRoot, new Map([[slot, number]]), fresh)
    if ('missing' in changed) throw new Error('the path of the join was not loaded')
    deps.trees.insertNodes(tx, fresh)
    deps.trees.insertSnapshot(tx, before, beforeRoot)
    deps.trees.insertSnapshot(tx, after, changed.root)
    insertHeadHistory(tx, room, position, after)
    const stored: StoredEvent = {
      ...{ event: number, eventId: event.eventId, room, stream: position, type, sender, slot },
      ...{ depth: event.depth, ts: event.originServerTs, outcome: 0, snapshot: before },
      ...{ replaces: told.byKey.get(joinKey)?.event ?? null, redactedBy: null, ...splitEventText(event) },
    }
    if (kept !== undefined) updatePlace(tx, stored)
    else insertJoin(deps, tx, stored, { type: event.type, places })
    for (const id of event.prevEvents) insertMissing(tx, room, id, number)
    const rows: MemberRow[] = members.map(({ membership, event: at }, index) => {
      return { room, user: users[index]!, membership, event: at, position, forgotten: false }
    })
    const own: MemberRow = { room, user: sender, membership: 'join', event: number, position, forgotten: false }
    const all = [...rows.filter(({ user }) => user !== sender), own]
    for (const row of all) upsertMember(tx, row)
    deps.journal.append(tx, { kind: 'membership', room, user: sender, event: number, membership: 'join' })
    const row: RoomRow = {
      ...{ room, version: rules.version, snapshot: after, lastPosition: position },
      completeSince: omitted === undefined ? 0 : undefined,
      extremities: [{ event: number, eventId: event.eventId, depth: event.depth }],
      joinedCount: all.filter(({ membership }) => membership === 'join').length,
      invitedCount: all.filter(({ membership }) => membership === 'invite').length,
    }
    insertRoom(tx, row)
    updateEntry(tx, room, number)
    updateOutside(tx, room, told.create.eventId)
    if (omitted !== undefined) upsertPartial(tx, { room, joinEvent: number, servers: omitted, unproven: [] })
    const head: RoomHead = { roomId, rules, row, root: changed.root, create: told.create, cells }
    tx.onCommitted(() => {
      deps.heads.put(head)
      deps.authChains.remember(places)
      deps.memory.onCommitted(room, [stored], [], all)
      deps.memory.onGapsChanged(room)
    })
    return number
  })
}

function insertJoin(
  { authChains }: TurnDeps,
  tx: Writer,
  stored: StoredEvent,
  { type, places }: { readonly type: string; readonly places: TurnPlaces },
): void {
  insertEvent(tx, stored)
  authChains.insert(tx, places, { number: stored.event, type, authEvents: [...places.places.keys()] })
}

const noNodes = { hold: () => {} }

/** The members that the told state has; the one who joins is among them if it was there before. */
function listMembers({ events, byKey }: Told): { userId: UserId; membership: Membership; event: number }[] {
  return [...byKey.values()].flatMap((stored) => {
    const { type, stateKey, content } = events.byId(stored.eventId)!.event
    if (type !== 'm.room.member') return []
    return [{ userId: stateKey as UserId, membership: content.membership as Membership, event: stored.event }]
  })
}
