/** The search component as others see it: the user directory and the search in messages. */

import type { DeviceId, ServerName, UserId } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { RoomReads } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'

export type SearchDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly rooms: RoomReads
  readonly users: Pick<Users, 'findAccount' | 'findProfile' | 'listIgnored'>
  readonly isLocal: (server: ServerName) => boolean
  readonly clock: Clock
  readonly logger: Logger
}

/** Who asks: the caller of an endpoint. */
export type SearchCaller = {
  readonly userId: UserId
  readonly user: number
  readonly deviceId: DeviceId | undefined
}

/** The body of a request to the user directory as it is on the wire. */
export type UsersQuery = { readonly search_term: string; readonly limit?: number }

export type FoundUser = { readonly user_id: UserId; readonly display_name?: string; readonly avatar_url?: string }

export type FoundUsers = { readonly results: FoundUser[]; readonly limited: boolean }

export interface Search {
  /** Users whom the caller may know and whose ID or name has these words, best match first. */
  findUsers(caller: SearchCaller, query: UsersQuery): Promise<FoundUsers>
  /** Builds in the background what an older version did not; call when requests are answered. */
  resume(): void
  /** Ends what runs in the background. */
  close(): Promise<void>
}
