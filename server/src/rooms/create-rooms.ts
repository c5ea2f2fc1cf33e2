/** Builds the rooms component. */

import {
  type RoomId,
  requireRoomRules,
  type ServerName,
  type Signer,
  stateKeyOf,
  type UserId,
} from '@parallax/protocol'
import { type Clock, createKeyedQueue, MatrixError } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { RequestPolicySignature } from '../policy/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'
import { createAuthChains } from './auth-chain/auth-chains.ts'
import { createRoom } from './create.ts'
import { createDirectory, type Directory } from './directory.ts'
import {
  findEvent,
  listByTime,
  listEvents,
  listEventsById,
  listEventsOfType,
  listSlotHistory,
  listStored,
  listTimeline,
} from './event-table.ts'
import { findInviter } from './find-inviter.ts'
import { createHeads, type RoomHead } from './heads.ts'
import { createIgnored } from './ignored.ts'
import type { Lenses, ListedThing } from './lenses.ts'
import { listMemberHistory } from './member-history.ts'
import {
  findMember,
  listInvitedUsers,
  listJoinedRooms,
  listMembersAfter,
  listUsersAfter,
  updateForgotten,
} from './member-table.ts'
import { createMemory } from './memory.ts'
import { completeRoom, noteUnproven } from './partial/complete-room.ts'
import { type Completions, createCompletions } from './partial/completions.ts'
import { findPartial, listPartials } from './partial/partial-table.ts'
import { findPolicyOf } from './policy.ts'
import { buildUnsent } from './receive/build-event.ts'
import { enterRoom } from './receive/enter-room.ts'
import { buildMemberTemplate } from './receive/member-template.ts'
import { receiveEvents } from './receive/receive.ts'
import { receiveHistory } from './receive/receive-history.ts'
import { receiveOutside } from './receive/receive-outside.ts'
import { findGap, findOutsideVersion, listEdges } from './receive/received-table.ts'
import { storeOutliers } from './receive/store-outliers.ts'
import { bundleRelations, findEdits } from './relations/bundles.ts'
import {
  findAnnotation,
  listRelations,
  listRelationsOf,
  listThreads,
  listThreadsWith,
} from './relations/relation-table.ts'
import { findEntry, listLastPositions } from './room-table.ts'
import type { EventDraft, KnownRoom, ListedRoom, RoomReads, RoomReceives, RoomWrites, StoredEvent } from './rooms.ts'
import { notInRoom, type TurnDeps } from './run-turn.ts'
import { findHeadAt, findLastSnapshot } from './state/state-table.ts'
import { createStateTrees } from './state/state-trees.ts'
import { listTransactionIds } from './transaction-table.ts'
import { createTurns } from './turn.ts'
import { findVeils, isHidden } from './views/veil.ts'
import { filterForMember, filterVisible, isSeenByMembers } from './visible-events.ts'
import { filterVisibleToServer } from './visible-to-server.ts'

export type RoomsDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly clock: Clock
  readonly users: Pick<Users, 'listIgnored'>
  readonly findSigner: (server: ServerName) => Signer | undefined
  readonly requestPolicySignature: RequestPolicySignature
  /** The lenses of users. */
  readonly lenses: Lenses
}

export type Rooms = RoomReads & RoomWrites & RoomReceives & Directory

/** Reads the last snapshot number; nothing else is loaded until it is asked for. */
export async function createRooms(deps: RoomsDeps): Promise<Rooms> {
  const { reader } = deps.store
  const trees = createStateTrees(reader)
  const heads = createHeads({ reader, names: deps.names, trees })
  const memory = createMemory(reader, deps.names)
  const authChains = createAuthChains(reader)
  let snapshot = await findLastSnapshot(reader)
  let lastCreationMs = 0
  const turnDeps: TurnDeps = {
    ...deps,
    reader,
    heads,
    trees,
    memory,
    authChains,
    nextSnapshot: () => ++snapshot,
    queue: createKeyedQueue<number>(),
    nextCreationMs() {
      lastCreationMs = Math.max(deps.clock.nowMs(), lastCreationMs + 1)
      return lastCreationMs
    },
  }
  const turns = createTurns(turnDeps)
  const completions = createCompletions(deps)
  const reads = createReads(deps, { heads, trees, memory, authChains, completions })

  const requireNumber = async (roomId: RoomId, sender: UserId): Promise<number> => {
    const [room] = await deps.names.find([roomId])
    if (room === undefined) throw notInRoom(sender)
    return room
  }

  /** Of others' memberships, and of one that begins, too little is known before all members are. */
  const awaitMembers = async (room: number, sender: UserId, drafts: readonly EventDraft[]): Promise<void> => {
    const isMember = drafts.some(({ type }) => type === 'm.room.member')
    if (!isMember || (await heads.find(room))?.row.completeSince !== undefined) return
    const [user] = await deps.names.find([sender])
    const own = user === undefined ? undefined : await findMember(reader, room, user)
    const isOwn = drafts.every(({ type, stateKey }) => type !== 'm.room.member' || stateKey === sender)
    if (!isOwn || own?.membership !== 'join') await reads.requireWhole(room)
  }

  return {
    ...reads,
    ...createDirectory(deps.store),
    async send(roomId, sender, draft, options = {}) {
      const room = await requireNumber(roomId, sender)
      await awaitMembers(room, sender, [draft])
      const [sent] = await turns.submit(room, { sender, drafts: [draft], transaction: options.transaction })
      return sent!
    },
    async sendMany(roomId, sender, drafts) {
      const room = await requireNumber(roomId, sender)
      await awaitMembers(room, sender, drafts)
      return turns.submit(room, { sender, drafts, transaction: undefined })
    },
    create: (options) => createRoom(turnDeps, options),
    receive: (room, arriving) => receiveEvents(turnDeps, room, arriving),
    receiveHistory: (room, before, arriving) => receiveHistory(turnDeps, room, before, arriving),
    enter: (where, join, servers) => enterRoom(turnDeps, where, join, servers),
    listPartialRooms: () => listPartials(reader),
    findPartialRoom: (room) => findPartial(reader, room),
    noteUnproven: (partial) => noteUnproven(turnDeps, partial),
    complete: (room, state, unproven) => completeRoom(turnDeps, completions, room, { state, unproven }),
    async buildUnsent(roomId, sender, draft) {
      const [room] = await deps.names.find([roomId])
      if (room !== undefined) await awaitMembers(room, sender, [draft])
      return buildUnsent(turnDeps, room, sender, draft)
    },
    receiveOutside: (where, member) => receiveOutside(turnDeps, where, member),
    buildMemberTemplate: (room, userId, content) => buildMemberTemplate(turnDeps, room, userId, content),
    storeOutliers: (where, arriving) => storeOutliers(turnDeps, where, arriving),
    async forget(room, user) {
      await deps.store.transact((tx) => {
        updateForgotten(tx, room, user)
        tx.onCommitted(() => memory.onForgotten(room, user))
      })
    },
  }
}

type Parts = Pick<TurnDeps, 'heads' | 'trees' | 'memory' | 'authChains'> & { readonly completions: Completions }

function createReads(deps: RoomsDeps, { heads, trees, memory, authChains, completions }: Parts): RoomReads {
  const { reader } = deps.store
  const visible = { reader, names: deps.names, trees, memory, findSigner: deps.findSigner }
  const listIgnored = createIgnored(deps)
  const veilsFor = (user: number, events: readonly StoredEvent[]) => findVeils(deps.lenses, user, events)
  /** Events of one room that the user may see: whoever is in it sees what came since. */
  async function filterSeen(user: number, events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> {
    const [first] = events
    if (first === undefined) return events
    const member = (await memory.listMemberships(user)).get(first.room)
    const [userId] = (await deps.names.texts([user])) as [UserId]
    const own = events.filter(({ room }) => room === first.room)
    if (member?.membership !== 'join') return filterVisible(visible, first.room, userId, own)
    return filterForMember(visible, first.room, { userId, since: member.position }, own)
  }

  return {
    listIgnored,
    findVeils: veilsFor,
    hasLens: deps.lenses.hasLens,
    async requireSafe(sender, roomId) {
      await deps.lenses.requireSafe({ sender, ...(roomId !== undefined && { roomId }) })
      const [room] = roomId === undefined ? [] : await deps.names.find([roomId])
      if (roomId !== undefined && room !== undefined) await deps.lenses.requireSafeInRoom(room, { sender, roomId })
    },
    async isRefused(sender, roomId) {
      try {
        await deps.lenses.requireSafe({ sender, ...(roomId !== undefined && { roomId }) })
        return false
      } catch (error) {
        if (error instanceof MatrixError && error.errcode === 'M_SAFETY') return true
        throw error
      }
    },
    isUnlisted: (room, reader) => deps.lenses.isKeptBack(thingsOf(room), reader),
    isQuiet: async (user, sender) => isHidden(await deps.lenses.judgeOne(user, { sender })),
    async findRoom(roomId) {
      const [room] = await deps.names.find([roomId])
      const head = room === undefined ? undefined : await heads.find(room)
      return head && infoOf(head)
    },
    async findRoomByNumber(room) {
      const head = await heads.find(room)
      return head && infoOf(head)
    },
    async findOutsideRoom(room) {
      const version = await findOutsideVersion(reader, room)
      if (version === undefined) return undefined
      const [roomId] = (await deps.names.texts([room])) as [RoomId]
      const rules = requireRoomRules(version)
      return { room, roomId, rules, snapshot: 0, joinedCount: 0, invitedCount: 0, lastPosition: 0, completeSince: 0 }
    },
    findInviter: (room, isOurs) => findInviter({ heads, memory, names: deps.names }, room, isOurs),
    findMember: (room, user) => findMember(reader, room, user),
    async requireWhole(room) {
      const isPartial = async () => (await heads.find(room))?.row.completeSince === undefined
      if ((await heads.find(room)) !== undefined && (await isPartial())) await completions.wait(room, isPartial)
    },
    listMemberships: memory.listMemberships,
    listRelations: (parent, range) => listRelations(reader, parent, range),
    listRelationsOf: (parents, limit) => listRelationsOf(reader, parents, limit),
    listThreads: (room, before, limit) => listThreads(reader, room, before, limit),
    listThreadsWith: (roots, user) => listThreadsWith(reader, roots, user),
    findEdits: (events) => findEdits(reader, events),
    listStored: (walk) => listStored(reader, walk),
    bundleRelations: (user, events, nowMs) =>
      bundleRelations({ reader, listIgnored, findVeils: veilsFor, filterVisible: filterSeen }, user, events, nowMs),
    async findAnnotation(parent, typeName, sender, key) {
      const [type] = await deps.names.find([typeName])
      return type === undefined ? undefined : findAnnotation(reader, { parent, type, sender, key })
    },
    listJoinedUsers: memory.listJoinedUsers,
    listJoinedServers: memory.listJoinedServers,
    listJoinedRooms: (users) => listJoinedRooms(reader, users),
    async listJoinedAfter(after, limit) {
      const users = await listUsersAfter(reader, after, limit)
      return { last: users.at(-1) ?? after, joined: await listJoinedRooms(reader, users) }
    },
    listInvited: async (room) => (await deps.names.texts(await listInvitedUsers(reader, room))) as UserId[],
    async listSharingUsers(user) {
      const sharing = new Set<number>()
      for (const [room, member] of await memory.listMemberships(user)) {
        if (member.membership !== 'join') continue
        for (const other of await memory.listJoinedUsers(room)) sharing.add(other)
      }
      sharing.delete(user)
      return sharing
    },
    async lastPosition(room) {
      return (await heads.find(room))?.row.lastPosition ?? 0
    },
    listLastPositions: (rooms) => listLastPositions(reader, rooms),
    listMembersAfter: (rooms, after) => listMembersAfter(reader, rooms, after),
    async listTimeline(room, range) {
      return memory.findTimeline(room, range) ?? (await listTimeline(reader, room, range))
    },
    findEvent: (eventId) => findEvent(reader, eventId),
    listEventsById: (eventIds) => listEventsById(reader, eventIds),
    listAuthChain: authChains.listAuthChain,
    async listExtremities(room) {
      return (await heads.find(room))?.row.extremities.map(({ eventId }) => eventId) ?? []
    },
    findEntry: (room) => findEntry(reader, room),
    async findGap(room, upTo) {
      const newest = await memory.findGap(room)
      return newest === undefined || upTo === undefined || newest <= upTo ? newest : findGap(reader, room, upTo)
    },
    listHistoryEdges: (room, place, limit) => listEdges(reader, room, place, limit),
    listEvents: (events) => listEvents(reader, events),
    findSnapshotAt: (room, position) => findHeadAt(reader, room, position),
    listByTime: (room, walk) => listByTime(reader, room, walk),
    async listStateOfType(snapshot, typeName) {
      const [type] = await deps.names.find([typeName])
      if (type === undefined) return []
      const entries = await trees.listEntries(await trees.requireRoot(snapshot))
      const events = entries.map(({ event }) => event)
      return listEventsOfType(reader, events, type)
    },
    listState: async (snapshot) => trees.listEntries(await trees.requireRoot(snapshot)),
    findState: async (snapshot, slots) => trees.find(await trees.requireRoot(snapshot), slots),
    async listStateDifferences(from, to) {
      const before = from === undefined ? undefined : await trees.requireRoot(from)
      const after = await trees.requireRoot(to)
      if (before !== undefined) return trees.listDifferences(before, after)
      return (await trees.listEntries(after)).map(({ slot, event }) => ({ slot, before: null, after: event }))
    },
    async findStateEvent(room, type, stateKey) {
      const head = await heads.find(room)
      if (head === undefined) return undefined
      const key = stateKeyOf(type, stateKey)
      await heads.loadCells(head, [key])
      return head.cells.get(key)?.event
    },
    async findPolicyServer(room) {
      const head = await heads.find(room)
      return head && findPolicyOf({ heads, memory }, head)
    },
    filterVisible: (room, viewer, events) => filterVisible(visible, room, viewer, events),
    filterForMember: (room, member, events) => filterForMember(visible, room, member, events),
    isSeenByMembers: (event) => isSeenByMembers(visible, event),
    filterVisibleToServer: (room, server, events) => filterVisibleToServer(visible, room, server, events),
    async findLastLeave(room, user) {
      const history = await listMemberHistory(reader, deps.names, room, user)
      const join = history.findLastIndex(({ membership }) => membership === 'join')
      return join < 0 ? undefined : history[join + 1]?.stream
    },
    async listMembershipsAt(room, user, events) {
      const now = (await memory.listMemberships(user)).get(room)
      if (now === undefined) return events.map(() => 'leave')
      if (events.every(({ stream }) => stream !== null && stream >= now.position))
        return events.map(() => now.membership)
      const [userId] = (await deps.names.texts([user])) as [UserId]
      const history = await listMemberHistory(reader, deps.names, room, userId)
      return events.map(({ stream }) => history.findLast((at) => at.stream <= (stream ?? 0))?.membership ?? 'leave')
    },
    listSlotHistory: (room, slot) => listSlotHistory(reader, room, slot),
    listTransactionIds: (user, device, events) => listTransactionIds(reader, user, device, events),
  }
}

function infoOf({ row, roomId, rules }: RoomHead): KnownRoom {
  const { room, snapshot, joinedCount, invitedCount, lastPosition, completeSince } = row
  return { room, roomId, rules, snapshot, joinedCount, invitedCount, lastPosition, completeSince }
}

/** What can be said of a room that is listed, the nearest first. */
function thingsOf({ roomId, isSpace, creator, server }: ListedRoom): ListedThing[] {
  const maker =
    creator?.slice(creator.indexOf(':') + 1) ??
    (roomId.includes(':') ? roomId.slice(roomId.indexOf(':') + 1) : undefined)
  return [
    { kind: 'room', id: roomId },
    ...(isSpace ? [{ kind: 'space', id: roomId } as const] : []),
    ...(creator === undefined ? [] : [{ kind: 'user', id: creator } as const]),
    ...(maker === undefined ? [] : [{ kind: 'server', id: maker } as const]),
    ...(server === undefined ? [] : [{ kind: 'server', id: server } as const]),
  ]
}
