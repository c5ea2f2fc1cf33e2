/** Events of other servers on their way into a room, and what becomes of them. */

import type { EventId, JsonObject, RoomEvent, RoomId, RoomRules } from '@parallax/protocol'

/** An event of another server whose format, signatures and hash are right; redacted if its hash was not. */
export type Arriving = {
  readonly event: RoomEvent
  /** True if nobody had to vouch for the join, or if the server of who did signed it too. */
  readonly isAuthoriserSigned: boolean
  /** True if the room has no policy server, or if that signed the event. */
  readonly isPolicySigned: boolean
  /**
   * The state before the event as another server told it, where previous events are not to be had: IDs of events that
   * are stored, at least as outliers.
   */
  readonly stateBefore?: readonly EventId[] | undefined
  /** True: its server gave it to us alone, to be passed on to all others in the room. */
  readonly isRelayed?: boolean | undefined
  /** True: the room's state lacks events, so that what it does not allow is postponed. */
  readonly isDoubtful?: boolean | undefined
  /** True: it is ours, and the server by way of which it was made passes it on. */
  readonly isTold?: boolean | undefined
}

/**
 * `accepted`: part of the room. `soft-failed`: right in its place, but not now; hidden. `rejected`: against the rules;
 * hidden. `lacking`: nothing was done, for events that it rests on are not stored. `postponed`: nothing was done, for
 * it can only be judged when all members, or all of the state, of the room are known.
 */
export type Receipt =
  | {
      readonly kind: 'accepted' | 'soft-failed' | 'rejected'
      /** Number of the event. */
      readonly event: number
      /** False: it was stored before. */
      readonly isNew: boolean
      /** A sentence, if it was not accepted now. */
      readonly reason?: string
    }
  | { readonly kind: 'postponed' }
  | { readonly kind: 'lacking'; readonly authEvents: readonly EventId[]; readonly prevEvents: readonly EventId[] }

/** A room by number, known here or not. */
export type OutlierRoom = { readonly room: number; readonly roomId: RoomId; readonly rules: RoomRules }

/** What became of an outlier: `lacking` if an event that it cites is neither stored nor among the others. */
export type OutlierKind = 'outlier' | 'rejected' | 'lacking'

/** A member event of a user of ours, and the stripped state that came with it. */
export type OutsideMember = { readonly event: RoomEvent; readonly state: readonly JsonObject[] }

/** The kind of a stored event that has its place in the graph. */
export function kindOf(outcome: 0 | 1 | 2): 'accepted' | 'soft-failed' | 'rejected' {
  return outcome === 0 ? 'accepted' : outcome === 1 ? 'soft-failed' : 'rejected'
}
