/** What the authorisation rules may look at. */

import type { RoomEvent } from '../event/room-event.ts'

/** The state against which an event is judged: the event at (type, state key), if there is one. */
export interface AuthState {
  get(type: string, stateKey: string): RoomEvent | undefined
}

/** Facts that need keys or the create event itself, found by the caller before the pure rules run. */
export type AuthFacts = {
  /** The room's create event; in version 12 no auth event names it. Undefined only for the create event itself. */
  readonly create: RoomEvent | undefined
  /** True if the server of `join_authorised_via_users_server` validly signed the event. */
  readonly authorisingServerSigned: boolean
}
