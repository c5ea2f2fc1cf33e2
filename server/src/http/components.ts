/** What the endpoints may call. Built in compose.ts; each component's type comes from its folder's index. */

import type { Clock, Health, Logger, Metrics } from '../base/index.ts'
import type { Config, Domains } from '../config/index.ts'
import type { Flows } from '../flows/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Rooms, RoomViews } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'

/** Where clients find this server. */
export type Site = {
  /** Without a slash at the end. */
  baseUrl(): string
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
  readonly rooms: Rooms
  readonly roomViews: RoomViews
  readonly flows: Flows
}
