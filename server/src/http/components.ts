/** What the endpoints may call. Built in compose.ts; each component's type comes from its folder's index. */

import type { Clock, Health, Logger, Metrics } from '../base/index.ts'
import type { Config, Domains } from '../config/index.ts'
import type { Devices } from '../devices/index.ts'
import type { Federation } from '../federation/index.ts'
import type { AccountFlows, Administration, Flows, OldSync, Viewpoint } from '../flows/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Mail } from '../mail/index.ts'
import type { Media } from '../media/index.ts'
import type { Moderation } from '../moderation/index.ts'
import type { Policy } from '../policy/index.ts'
import type { Push } from '../push/index.ts'
import type { Remote } from '../remote/index.ts'
import type { Reputation } from '../reputation/index.ts'
import type { Ephemeral, Rooms, RoomViews } from '../rooms/index.ts'
import type { Search } from '../search/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Sync } from '../sync/index.ts'
import type { Users } from '../users/index.ts'

/** Where clients find this server. */
export type Site = {
  /** Without a slash at the end. */
  baseUrl(): string
}

/** Lets the command line of the same machine and user act through the running server. */
export type Control = {
  /** Random at each start; in a file of the data folder that only its owner can read. */
  readonly token: string
}

export type Components = {
  readonly config: Config
  readonly domains: Domains
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Metrics
  readonly health: Health
  readonly site: Site
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly remote: Remote
  readonly mail: Mail
  readonly users: Users
  readonly devices: Devices
  readonly rooms: Rooms
  readonly ephemeral: Ephemeral
  readonly roomViews: RoomViews
  readonly sync: Sync
  readonly push: Push
  readonly search: Search
  readonly reputation: Reputation
  readonly media: Media
  readonly flows: Flows
  readonly accounts: AccountFlows
  readonly oldSync: OldSync
  readonly viewpoint: Viewpoint
  readonly administration: Administration
  readonly moderation: Moderation
  readonly federation: Federation
  readonly policy: Policy
  readonly control: Control
}
