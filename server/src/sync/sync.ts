/** The sync component as others see it. */

import type { DeviceId, EventId, JsonObject, RoomId, UserId } from '@parallax/protocol'
import type { Position } from '../journal/index.ts'

/** Who asks: the caller of an endpoint. */
export type SyncCaller = {
  readonly userId: UserId
  readonly user: number
  readonly deviceId: DeviceId | undefined
}

/** The parameters of a request as they are on the wire. */
export type SyncQuery = {
  readonly since?: string | undefined
  readonly filter?: string | undefined
  readonly timeout?: number | undefined
  readonly full_state?: boolean | undefined
  readonly set_presence?: 'offline' | 'online' | 'unavailable' | undefined
  readonly use_state_after?: boolean | undefined
  readonly 'org.matrix.msc4222.use_state_after'?: boolean | undefined
}

export type ReadMarkers = {
  readonly fullyRead?: EventId | undefined
  readonly read?: EventId | undefined
  readonly readPrivate?: EventId | undefined
}

export type ReceiptRequest = {
  readonly roomId: RoomId
  readonly type: 'm.read' | 'm.read.private' | 'm.fully_read'
  readonly eventId: EventId
  /** As the client gave it: any JSON value. */
  readonly threadId: unknown
}

export type SlidingSyncRequest = {
  readonly body: JsonObject
  /** What the first implementation of the proposal has in the query. */
  readonly query: { readonly pos?: string | undefined; readonly timeout?: number | undefined }
  /** Names of fields in the reply: those of the accepted proposal, or of its first implementation. */
  readonly dialect: 'accepted' | 'unstable'
}

/** A page of the threads that were followed or left. */
export type ThreadsQuery = {
  /** A token of the page before; the newest ones without. */
  readonly from?: string | undefined
  /** Nothing that is not newer: a token, or a `pos` of sliding sync. */
  readonly to?: string | undefined
  readonly limit?: number | undefined
}

export type DeviceListChanges = { readonly changed: readonly UserId[]; readonly left: readonly UserId[] }

export interface Sync {
  /**
   * JSON text of the next reply; waits while there is nothing new, until the request's timeout or its signal. Throws
   * MatrixError M_INVALID_PARAM for tokens and filters that are none.
   */
  next(caller: SyncCaller, query: SyncQuery, signal: AbortSignal): Promise<string>
  /**
   * JSON text of the next sliding sync reply; waits as `next` does. Throws MatrixError M_UNKNOWN_POS where the client
   * must start anew; M_BAD_JSON, M_INVALID_PARAM, M_MISSING_PARAM.
   */
  nextSliding(caller: SyncCaller, request: SlidingSyncRequest, signal: AbortSignal): Promise<string>
  /** Threads that the caller followed or left, newest first. Throws M_INVALID_PARAM. */
  listThreads(caller: SyncCaller, query: ThreadsQuery): Promise<object>
  /** Whose devices changed, or came or went, between two tokens: for /keys/changes. */
  listDeviceListChanges(caller: SyncCaller, from: string, to: string): Promise<DeviceListChanges>
  /** Throws MatrixError M_FORBIDDEN, M_NOT_FOUND, M_INVALID_PARAM. */
  sendReceipt(caller: SyncCaller, request: ReceiptRequest): Promise<void>
  /** Throws MatrixError M_FORBIDDEN, M_NOT_FOUND. */
  setReadMarkers(caller: SyncCaller, roomId: RoomId, markers: ReadMarkers): Promise<void>
  /** Throws MatrixError M_FORBIDDEN. `timeoutMs` undefined: stops typing. */
  setTyping(caller: SyncCaller, roomId: RoomId, timeoutMs: number | undefined): Promise<void>
  /** Unread notifications of the user in one room, counted up to a position. */
  countUnread(caller: SyncCaller, room: number, upto: Position): Promise<UnreadCounts>
  /** Answers all polls that wait and takes no more. */
  close(): void
}

export type UnreadCount = { readonly notify: number; readonly highlight: number }
/** Of the main timeline and of each thread, by the ID of its root. */
export type UnreadCounts = { readonly main: UnreadCount; readonly threads: ReadonlyMap<string, UnreadCount> }
