/** The moderation component as others see it: locked accounts, sessions as admins see them, reports. */

import type { EventId, RoomId, ServerName, UserId } from '@parallax/protocol'
import type { Clock } from '../base/index.ts'
import type { Rooms } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'

export type ModerationDeps = {
  readonly store: Store
  readonly names: Names
  readonly clock: Clock
  readonly users: Users
  readonly rooms: Rooms
  readonly isLocal: (server: ServerName) => boolean
}

/** Who acts. */
export type Moderator = { readonly userId: UserId; readonly user: number; readonly isAdmin: boolean }

export interface Locks {
  /** Throws MatrixError M_INVALID_PARAM, M_FORBIDDEN, M_NOT_FOUND. */
  isAccountLocked(userId: UserId): Promise<boolean>
  /** Throws as `isAccountLocked`. */
  isAccountSuspended(userId: UserId): Promise<boolean>
  /** Its sessions can read and leave, but not speak; a locked account stays locked. Throws as `isAccountLocked`. */
  suspendAccount(userId: UserId, isSuspended: boolean): Promise<void>
  /** The account's sessions stay, but can do nothing. Throws as `isAccountLocked`. */
  lockAccount(userId: UserId, isLocked: boolean): Promise<void>
  /** Devices of a user with when and from where they were last seen. Throws M_FORBIDDEN, M_NOT_FOUND. */
  showSessions(moderator: Moderator, userId: UserId): Promise<object>
}

export interface Reports {
  /** Throws MatrixError M_NOT_FOUND, M_TOO_LARGE. */
  reportRoom(caller: Moderator, roomId: RoomId, reason: string | undefined): Promise<void>
  /** Throws MatrixError M_NOT_FOUND, M_TOO_LARGE. */
  reportEvent(caller: Moderator, roomId: RoomId, eventId: EventId, reason: string | undefined): Promise<void>
  /** Throws MatrixError M_NOT_FOUND, M_TOO_LARGE. */
  reportUser(caller: Moderator, userId: UserId, reason: string | undefined): Promise<void>
  /** A page, newest first: reports below a number. */
  listReports(below: number | undefined, limit: number | undefined): Promise<object>
}

export interface NoticeRooms {
  /** Number of the room in which this server writes to the user. */
  findNoticeRoom(user: number): Promise<number | undefined>
  keepNoticeRoom(user: number, room: number): Promise<void>
}

export type Moderation = Locks & Reports & NoticeRooms
