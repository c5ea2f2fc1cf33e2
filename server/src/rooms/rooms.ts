/**
 * The rooms component as others see it: the graph's one write path and its reads. Numbers (`room`, `user`, `type`,
 * `slot`) are interned names; a slot is the interned `StateMapKey` of (type, state key). Positions order everything.
 */

import type {
  DeviceId,
  EventId,
  JsonObject,
  PolicyServer,
  RoomAlias,
  RoomEvent,
  RoomId,
  RoomRules,
  ServerName,
  UserId,
} from '@parallax/protocol'
import type { Position } from '../journal/index.ts'
import type { Veils } from './lenses.ts'
import type { Arriving, OutlierKind, OutlierRoom, OutsideMember, Receipt } from './receive/arriving.ts'

export type Membership = 'join' | 'invite' | 'leave' | 'ban' | 'knock'

/** An event that relates to another. */
export type RelationRow = {
  readonly event: number
  readonly stream: number
  readonly relType: string
  readonly type: number
}

/** A walk through the events of a room by their time. */
export type TimeWalk = {
  readonly ts: number
  readonly direction: 'b' | 'f'
  readonly skip: number
  readonly limit: number
}

/** A walk through the events of all rooms by their numbers: above `after` up to `upTo`. */
export type StoredWalk = {
  readonly after: number
  readonly upTo: number
  /** Of which the text is wanted. */
  readonly types: readonly number[]
  readonly limit: number
}

/** `body` as of StoredEvent; null: not of a wanted type, not shown to clients, or redacted. */
export type StoredText = Pick<StoredEvent, 'event' | 'room' | 'stream' | 'type'> & { readonly body: string | null }

/** A walk over what relates to an event. */
export type RelationRange = {
  readonly direction: 'b' | 'f'
  /** A position: `b` begins with the event there, `f` after it. */
  readonly from: number
  readonly limit: number
}

/** An event as a row: `body` and `rest` are members of a JSON object without its braces. */
export type StoredEvent = {
  /** Number of the event: a journal position of the time when it was stored. */
  readonly event: number
  readonly eventId: EventId
  readonly room: number
  /**
   * Place in the room's timeline: its position in the journal, which is its number unless it was an outlier before;
   * below zero for backfilled events; null for what is not shown: soft-failed, rejected, outliers.
   */
  readonly stream: number | null
  readonly type: number
  readonly sender: number
  /** Null: not a state event. */
  readonly slot: number | null
  readonly depth: number
  /** `origin_server_ts`, ms. */
  readonly ts: number
  readonly outcome: EventOutcome
  /** Snapshot of the state before this event. */
  readonly snapshot: number
  /** The state event that it replaced in its slot, if any. */
  readonly replaces: number | null
  /** The redaction that pruned it, if any: `body` is then pruned already. */
  readonly redactedBy: number | null
  /**
   * `"content":…,"origin_server_ts":…,"room_id":…,"sender":…,["state_key":…,]"type":…`: what clients and servers both
   * see.
   */
  readonly body: string
  /** The other members of the PDU: `"auth_events":…,"depth":…,…`. */
  readonly rest: string
}

/** 0 accepted; 1 soft-failed; 2 rejected; 3 outlier. Only accepted ones are shown to clients. */
export type EventOutcome = 0 | 1 | 2 | 3

export type KnownRoom = {
  readonly room: number
  readonly roomId: RoomId
  readonly rules: RoomRules
  /** Snapshot of the current state. */
  readonly snapshot: number
  readonly joinedCount: number
  readonly invitedCount: number
  /** Position of the newest event. */
  readonly lastPosition: Position
  /** From where on the whole state is here; 0: ever since; undefined: members are still missing. */
  readonly completeSince: Position | undefined
}

/** A room of whose state before the join not all is here. */
export type PartialRoom = {
  readonly room: number
  /** The join, before which the state is to be asked for. */
  readonly joinEvent: number
  /** Servers that were told to be in the room, the one that told it first. */
  readonly servers: readonly ServerName[]
  /**
   * Servers whose keys could not be had when the state was told, so that events of theirs are left out of it; the room
   * is used like any other. Empty: members were left out on purpose.
   */
  readonly unproven: readonly ServerName[]
}

/** What became of a whole state; of a refused one, why. */
export type Completion = { readonly kind: 'complete' } | { readonly kind: 'refused'; readonly reason: string }

/** A user's place in a room now. */
export type MemberRow = {
  readonly room: number
  readonly user: number
  readonly membership: Membership
  /** The member event. */
  readonly event: number
  /** Position at which the membership was set. */
  readonly position: Position
  readonly forgotten: boolean
}

/** Bounds of a walk along a timeline: `after` and `before` are exclusive. */
export type TimelineRange = {
  readonly after?: Position
  readonly before?: Position
  readonly direction: 'forwards' | 'backwards'
  /** At most 1000. */
  readonly limit: number
}

/** Event numbers by slot: the state of a room at one point. */
export type StateEntry = { readonly slot: number; readonly event: number }
/** A slot whose event differs; null where it is absent. */
export type StateDifference = { readonly slot: number; readonly before: number | null; readonly after: number | null }

/** What a caller wants to add to a room; the rest (prev, auth, depth, hashes, signature) is ours. */
export type EventDraft = {
  readonly type: string
  readonly stateKey?: string
  readonly content: JsonObject
  readonly redacts?: EventId
  /** Application services may set it. */
  readonly originServerTs?: number
}

/**
 * Names a client's request so that a repeat answers the same event. Spec: client-server-api#transaction-identifiers: a
 * repeat comes from the same device and has the same path.
 */
export type TransactionKey = {
  readonly user: number
  readonly device: DeviceId
  readonly transactionId: string
  /** What the request's path holds between room and transaction ID: `send/m.room.message`. */
  readonly path: string
}

/** Place and depth of an event. */
export type RoomEntry = {
  readonly event: number
  readonly place: Position
  readonly depth: number
  /** Of the state that was told. */
  readonly snapshot: number
}

/** A room as directories and spaces tell of it. */
export type ListedRoom = {
  readonly roomId: string
  readonly isSpace: boolean
  readonly creator?: string | undefined
  /** Who tells of it, if that is another server. */
  readonly server?: string | undefined
}

export interface RoomReads {
  /** The room of this ID, if this server knows it. */
  findRoom(roomId: RoomId): Promise<KnownRoom | undefined>
  findRoomByNumber(room: number): Promise<KnownRoom | undefined>
  /** A room that this server is not in, but in which users of ours are invited or knock: without state. */
  findOutsideRoom(room: number): Promise<KnownRoom | undefined>
  /** A joined user of one of our servers who may invite others. */
  findInviter(room: number, isOurs: (server: ServerName) => boolean): Promise<UserId | undefined>
  findMember(room: number, user: number): Promise<MemberRow | undefined>
  /** Resolves when the room's whole state is here. Throws MatrixError M_UNKNOWN (status 504) if that takes too long. */
  requireWhole(room: number): Promise<void>
  /**
   * Every room in which the user has a membership, forgotten ones too; cached per user, current up to
   * `journal.committed()`.
   */
  listMemberships(user: number): Promise<ReadonlyMap<number, MemberRow>>
  /** Users joined to the room, all servers'; cached per room. */
  listJoinedUsers(room: number): Promise<ReadonlySet<number>>
  /** How many joined users each server has in the room; cached per room. */
  listJoinedServers(room: number): Promise<ReadonlyMap<ServerName, number>>
  /** Where these users are joined, in order of the rooms. */
  listJoinedRooms(users: readonly number[]): Promise<{ user: number; room: number }[]>
  /** As `listJoinedRooms`, of the next users above this number who are or were in a room, whole users at a time. */
  listJoinedAfter(after: number, limit: number): Promise<{ last: number; joined: { user: number; room: number }[] }>
  listInvited(room: number): Promise<UserId[]>
  /** Users that share at least one joined room with this one (not including itself unless alone in none). */
  listSharingUsers(user: number): Promise<ReadonlySet<number>>
  /** Position of the newest event of a room if its head is in memory or 0: a cheap first look for sync. */
  lastPosition(room: number): Promise<Position>
  /** Position of the newest event of each of these rooms, in one read. */
  listLastPositions(rooms: readonly number[]): Promise<ReadonlyMap<number, Position>>
  /** Memberships in these rooms that were set after a position. */
  listMembersAfter(rooms: readonly number[], after: Position): Promise<MemberRow[]>
  /** Accepted events of a room in timeline order (or backwards). */
  listTimeline(room: number, range: TimelineRange): Promise<StoredEvent[]>
  findEvent(eventId: EventId): Promise<StoredEvent | undefined>
  /** Events of any room by ID, in no order; unknown ones are left out. */
  listEventsById(eventIds: readonly EventId[]): Promise<StoredEvent[]>
  /** Numbers of the events in the auth chains of these, themselves only where others of them rest on them. */
  listAuthChain(events: readonly number[]): Promise<number[]>
  /** The events of the room that no other follows yet. */
  listExtremities(room: number): Promise<readonly EventId[]>
  /** The event with which this server entered the room last; undefined: the room was made here. */
  findEntry(room: number): Promise<RoomEntry | undefined>
  /** Place of the newest event of the timeline, up to a place, before which others are missing; quick if none is. */
  findGap(room: number, upTo?: Position): Promise<Position | undefined>
  /** What the event at this place follows, though it is not here. */
  listHistoryEdges(room: number, place: Position, limit: number): Promise<EventId[]>
  /** Events by number, in the order of the numbers; unknown numbers are left out. */
  listEvents(events: readonly number[]): Promise<StoredEvent[]>
  /**
   * The state's snapshot at a position: after every event up to and including it; undefined before the room's first.
   */
  findSnapshotAt(room: number, position: Position): Promise<number | undefined>
  /** Accepted events of a room by their own time, the nearest to `ts` first: at it and after it, or before. */
  listByTime(room: number, walk: TimeWalk): Promise<StoredEvent[]>
  /** The state events of one type in a snapshot. */
  listStateOfType(snapshot: number, type: string): Promise<StoredEvent[]>
  /** All entries of a snapshot. */
  listState(snapshot: number): Promise<StateEntry[]>
  /** Event numbers of some slots of a snapshot, in the order of the slots. */
  findState(snapshot: number, slots: readonly number[]): Promise<(number | undefined)[]>
  /** What differs between two snapshots (`from` undefined: everything is new); costs what differs. */
  listStateDifferences(from: number | undefined, to: number): Promise<StateDifference[]>
  /**
   * Member events of this user in this room in timeline order, and history-visibility changes: for the visibility
   * check.
   */
  listSlotHistory(room: number, slot: number): Promise<StoredEvent[]>
  /** The current state event of this type and key, parsed; from memory where it can be. */
  findStateEvent(room: number, type: string, stateKey: string): Promise<RoomEvent | undefined>
  /** The policy server that the room uses: named by its state, and in the room. */
  findPolicyServer(room: number): Promise<PolicyServer | undefined>
  /** Those of the events of one room that the user may see (history visibility), in the same order. */
  filterVisible(room: number, viewer: UserId, events: readonly StoredEvent[]): Promise<StoredEvent[]>
  /** The same for who is in the room, joined since that position: quick for what came since. */
  filterForMember(
    room: number,
    member: { readonly userId: UserId; readonly since: Position },
    events: readonly StoredEvent[],
  ): Promise<readonly StoredEvent[]>
  /** True if all may see the event who were joined when it came; else each has to be asked for. */
  isSeenByMembers(event: StoredEvent): Promise<boolean>
  /** Numbers of those whom the user ignores; never the user's own. */
  listIgnored(user: number): Promise<ReadonlySet<number>>
  hasLens(user: number): Promise<boolean>
  /** Whether the user's lens keeps invitations of a sender aside. */
  isQuiet(user: number, sender: UserId): Promise<boolean>
  /** Whether the server's lens, or a reader's own, keeps a room out of what is listed; `creator`: if that is known. */
  isUnlisted(room: ListedRoom, reader?: number): Promise<boolean>
  /** Whether the server's own lens refuses whom, or where. */
  isRefused(sender: UserId, roomId?: RoomId): Promise<boolean>
  /** Throws MatrixError M_SAFETY for whom, or where, the server's own lens refuses. */
  requireSafe(sender: UserId, roomId?: RoomId): Promise<void>
  /** What the user's lens does to messages among these events, by event number. Nothing without a lens. */
  findVeils(user: number, events: readonly StoredEvent[]): Promise<Veils>
  /** Those of the events of one room that users of the server may see, in the same order. */
  filterVisibleToServer(room: number, server: ServerName, events: readonly StoredEvent[]): Promise<StoredEvent[]>
  /** Position of the event that ended the user's last stay in the room; undefined: never joined, or joined still. */
  findLastLeave(room: number, user: UserId): Promise<Position | undefined>
  /**
   * The user's membership at each of these events of one room, what the event itself changes included; `leave` where
   * there was none yet.
   */
  listMembershipsAt(room: number, user: number, events: readonly StoredEvent[]): Promise<Membership[]>
  /** What relates to an event directly, in timeline order or backwards. */
  listRelations(parent: EventId, range: RelationRange): Promise<RelationRow[]>
  /** What relates to any of these events directly, at most `limit`. */
  listRelationsOf(parents: readonly string[], limit: number): Promise<(RelationRow & { readonly eventId: EventId })[]>
  /** Roots of threads by the position of their latest reply, newest first, from below a position on. */
  listThreads(room: number, before: Position, limit: number): Promise<{ root: EventId; latest: Position }[]>
  /** Those of the threads in which the user has written. */
  listThreadsWith(roots: readonly EventId[], user: number): Promise<Set<EventId>>
  /** JSON texts of what is told with these events of those that relate to them, by event number. */
  bundleRelations(user: number, events: readonly StoredEvent[], nowMs: number): Promise<ReadonlyMap<number, string>>
  /** The edits that count, by the number of the event of these that they edit. */
  findEdits(events: readonly StoredEvent[]): Promise<ReadonlyMap<number, StoredEvent>>
  /** Events of all rooms in order of their numbers, which is that in which they were stored. */
  listStored(walk: StoredWalk): Promise<StoredText[]>
  /** The event by which the user has put this very annotation on the event already. */
  findAnnotation(parent: EventId, type: string, user: number, key: string): Promise<number | undefined>
  /** Transaction IDs by event number for events sent by this user and device. */
  listTransactionIds(user: number, device: DeviceId, events: readonly number[]): Promise<ReadonlyMap<number, string>>
}

/** Events of other servers, whose format, signatures and hashes are checked already. */
export interface RoomReceives {
  /** Adds them to a room that is known, in order; what a later one follows must stand before it. */
  receive(room: number, arriving: readonly Arriving[]): Promise<Receipt[]>
  /**
   * Adds events from before the one at this place of the timeline, the oldest first; what they follow must be here, or
   * `stateBefore` given. Nobody is told; the room stays as it is.
   */
  receiveHistory(room: number, before: Position, arriving: readonly Arriving[]): Promise<Receipt[]>
  /** Stores events that others rest on, without a place in the graph; the room need not be known. */
  storeOutliers(where: OutlierRoom, arriving: readonly Arriving[]): Promise<ReadonlyMap<EventId, OutlierKind>>
  /**
   * Makes a room that other servers have known here too, by a local user's join, whose `stateBefore` says what the room
   * is: events that are stored as outliers. Where the room is known already, the join is received like other events.
   * `servers`: members were left out; these servers are in the room, first the one that told it. Unknown rooms only.
   */
  enter(where: OutlierRoom, join: Arriving, servers?: readonly ServerName[]): Promise<Receipt>
  /** The state before the join by which a room was entered lacks events of servers; of other joins nothing is noted. */
  noteUnproven(partial: PartialRoom): Promise<void>
  /** Rooms of whose state before the join not all is here. */
  listPartialRooms(): Promise<PartialRoom[]>
  findPartialRoom(room: number): Promise<PartialRoom | undefined>
  /**
   * Gives such a room its whole state: what was before the join, by IDs of events stored as outliers. What came since
   * is judged again on it. `unproven`: as of `PartialRoom`, what is left out still.
   */
  complete(room: number, state: readonly EventId[], unproven: readonly ServerName[]): Promise<Completion>
  /** An event of a user of ours as `send` would add it, but not added: another server must sign it first. */
  buildUnsent(roomId: RoomId, sender: UserId, draft: EventDraft): Promise<RoomEvent>
  /** Sets the membership of a user of ours in a room that this server is not in, with the stripped state that came. */
  receiveOutside(where: OutlierRoom, member: OutsideMember): Promise<void>
  /** The template of a member event by and about a user of another server. Throws MatrixError M_FORBIDDEN. */
  buildMemberTemplate(room: number, userId: UserId, content: JsonObject): Promise<JsonObject>
}

export type SendOptions = { readonly transaction?: TransactionKey }
export type Sent = { readonly eventId: EventId; readonly event: number }

export type CreateRoomOptions = {
  readonly creator: UserId
  readonly version: string
  readonly creationContent: JsonObject
  /** Everything after the create event, in order; member event of the creator first. */
  readonly events: readonly EventDraft[]
  /** An alias that leads to the room from its first instant. */
  readonly alias?: RoomAlias | undefined
  /** True: the room is in the directory from its first instant. */
  readonly isPublic?: boolean
  /** The room that this one replaces: its aliases and its place in the directory move over. */
  readonly replaces?: number
}

export interface RoomWrites {
  /**
   * Adds an event by a local user. Throws MatrixError: M_FORBIDDEN with the rule's reason if it is not allowed (for an
   * unknown room as for one that the sender is not in), M_BAD_JSON or M_TOO_LARGE if it breaks the format.
   */
  send(roomId: RoomId, sender: UserId, draft: EventDraft, options?: SendOptions): Promise<Sent>
  /** Adds several events of one sender in one turn and one transaction: all or none. */
  sendMany(roomId: RoomId, sender: UserId, drafts: readonly EventDraft[]): Promise<Sent[]>
  /**
   * Makes a room: create event and the rest in one transaction. Throws MatrixError M_ROOM_IN_USE if the alias is
   * taken.
   */
  create(options: CreateRoomOptions): Promise<RoomId>
  forget(room: number, user: number): Promise<void>
}
