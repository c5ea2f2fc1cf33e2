/** What /sync needs of the other components. */

import type { Clock, Logger } from '../base/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Presence } from '../presence/index.ts'
import type { Ephemeral, EventPushes, RoomReads } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'

/** What /sync asks of users. */
export type SyncUsers = Pick<
  Users,
  | 'findAccountData'
  | 'listAccountData'
  | 'listRoomAccountData'
  | 'writeAccountData'
  | 'listIgnored'
  | 'findInviteRules'
  | 'listThreads'
  | 'findFilter'
  | 'findRuleset'
>

/** What /sync asks of devices. */
export type SyncDevices = Pick<
  Devices,
  'listToDevice' | 'dropToDevice' | 'listChangedUsers' | 'listSignedUsers' | 'findKeyCounts'
>

export type SyncDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly rooms: RoomReads
  readonly ephemeral: Ephemeral
  readonly pushes: EventPushes
  readonly users: SyncUsers
  readonly presence: Presence
  readonly devices: SyncDevices
  readonly clock: Clock
  readonly logger: Logger
}
