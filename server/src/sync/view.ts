/** One request while it is answered: who asks, for which span of positions, with which filter. */

import type { Position } from '../journal/index.ts'
import type { KnownRoom, MemberRow, Membership } from '../rooms/index.ts'
import type { InviteRules } from '../users/index.ts'
import type { Changes } from './changes.ts'
import type { SyncFilter } from './filter.ts'
import type { SyncCaller } from './sync.ts'

export type SyncView = {
  readonly caller: SyncCaller
  /** Undefined: an initial sync. */
  readonly since: Position | undefined
  readonly upto: Position
  /** Of to-device messages the device has everything up to here. */
  readonly toDeviceSince: Position
  /** Of presence the client was told up to here. */
  readonly presenceSince: Position
  readonly filter: SyncFilter
  readonly isFullState: boolean
  /** Name of the field for the state at the end of the timeline, if that was asked for. */
  readonly stateAfter: 'state_after' | 'org.matrix.msc4222.state_after' | undefined
  readonly memberships: ReadonlyMap<number, MemberRow>
  /** Undefined: an initial sync. */
  readonly changes: Changes | undefined
  readonly ignored: ReadonlySet<string>
  /** Whose invitations the caller is shown. */
  readonly inviteRules: InviteRules
  readonly nowMs: number
}

/** The caller's place in a room at the end of the span. */
export type Place = { readonly membership: Membership; readonly event: number; readonly position: Position }

/** One room of a reply, joined or left. */
export type RoomVisit = {
  readonly info: KnownRoom
  readonly place: Place
  /** Sum of `roomChange`s; all of them in an initial sync. */
  readonly kinds: number
  /** The client knows nothing of the room yet: state is sent whole, the timeline from its end. */
  readonly isNew: boolean
  /** State is sent whole. */
  readonly isWhole: boolean
  /** Never inside meanwhile (a rejected invite, a ban from outside): nothing but the member event is told. */
  readonly isOutside: boolean
  /** Where the timeline begins for this client, exclusive. */
  readonly after: Position | undefined
  /** Where it ends, inclusive: for rooms that were left, the leave. */
  readonly until: Position
}
