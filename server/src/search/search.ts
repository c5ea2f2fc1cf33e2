/** The search component as others see it: the user directory and the search in messages. */

import type { DeviceId, JsonObject, ServerName, UserId } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { RoomReads, RoomViews } from '../rooms/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { Users } from '../users/index.ts'

export type SearchDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly rooms: RoomReads
  readonly roomViews: Pick<RoomViews, 'around' | 'state'>
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

/** The category `room_events` of a request as it is on the wire. */
export type MessagesQuery = {
  readonly search_term: string
  readonly keys?: readonly string[]
  readonly filter?: JsonObject
  readonly order_by?: 'rank' | 'recent'
  readonly event_context?: {
    readonly before_limit?: number
    readonly after_limit?: number
    readonly include_profile?: boolean
  }
  readonly include_state?: boolean
  readonly groupings?: { readonly group_by?: readonly { readonly key?: string }[] }
}

export interface Search {
  /**
   * JSON text of a page of the events with these words that the caller may see; `next` is the `next_batch` of the page
   * before. Throws MatrixError M_BAD_JSON, M_INVALID_PARAM.
   */
  findMessages(caller: SearchCaller, query: MessagesQuery, next: string | undefined): Promise<string>
  /** Users whom the caller may know and whose ID or name has these words, best match first. */
  findUsers(caller: SearchCaller, query: UsersQuery): Promise<FoundUsers>
  /** Builds in the background what an older version did not; call when requests are answered. */
  resume(): void
  /** Ends what runs in the background. */
  close(): Promise<void>
}
