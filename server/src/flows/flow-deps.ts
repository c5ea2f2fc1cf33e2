/** What the flows need; each takes the part that it uses. */

import type { DeviceId, JsonObject, RoomAlias, RoomId, ServerName, UserId } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Federation } from '../federation/index.ts'
import type { Moderation } from '../moderation/index.ts'
import type { Presence } from '../presence/index.ts'
import type { IdentityServers, Remote } from '../remote/index.ts'
import type { Rooms } from '../rooms/index.ts'
import type { Names } from '../store/index.ts'
import type { Users } from '../users/index.ts'

export type FlowDeps = {
  readonly rooms: Rooms
  readonly names: Names
  readonly clock: Clock
  readonly logger: Logger
  /** Profile fields that go into member events; undefined for users that are not ours. */
  readonly findProfile: (user: UserId) => Promise<JsonObject | undefined>
  readonly users: Pick<
    Users,
    | 'copyRoomRule'
    | 'createAccount'
    | 'findAccount'
    | 'findAccountData'
    | 'findInviteRules'
    | 'listGuests'
    | 'putAccountData'
    | 'setTag'
  >
  readonly presence: Pick<Presence, 'find' | 'noteActivity' | 'set'>
  /** Which rooms this server's notices go to. */
  readonly notices: Pick<Moderation, 'findNoticeRoom' | 'keepNoticeRoom'>
  readonly noticesFrom: NoticeSender
  readonly remote: Pick<Remote, 'calls' | 'isAllowed' | 'isEnabled'>
  readonly identity: IdentityServers
  readonly federation: Pick<Federation, 'inviteRemote' | 'joinRemote' | 'knockRemote' | 'leaveRemote' | 'takeUpInvite'>
  readonly isLocal: (server: ServerName) => boolean
  /** The domain that asks other servers where no user of ours does. */
  readonly ownServer: ServerName
  readonly defaultRoomVersion: string
}

/** Who sends the notices of this server. */
export type NoticeSender = { readonly userId: UserId; readonly displayName: string; readonly roomName: string }

/** Who acts. */
export type Actor = {
  readonly userId: UserId
  readonly user: number
  readonly deviceId: DeviceId | undefined
  readonly isGuest?: boolean
  readonly isSuspended?: boolean
}

export type RoomIdOrAlias = RoomId | RoomAlias
