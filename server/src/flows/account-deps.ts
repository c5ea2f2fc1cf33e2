/** What the flows of accounts need. */

import type { ServerName } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Presence } from '../presence/index.ts'
import type { IdentityServers, Remote } from '../remote/index.ts'
import type { Reputation } from '../reputation/index.ts'
import type { Rooms, RoomViews } from '../rooms/index.ts'
import type { Names } from '../store/index.ts'
import type { Users } from '../users/index.ts'

export type AccountDeps = {
  readonly users: Users
  readonly devices: Devices
  readonly rooms: Rooms
  readonly roomViews: Pick<RoomViews, 'event'>
  readonly presence: Pick<Presence, 'forget'>
  readonly reputation: Pick<Reputation, 'forget'>
  readonly names: Names
  readonly clock: Clock
  readonly logger: Logger
  readonly remote: Pick<Remote, 'calls' | 'isAllowed'>
  readonly identity: IdentityServers
  /** The domain that asks other servers. */
  readonly ownServer: ServerName
  readonly isLocal: (server: ServerName) => boolean
}
