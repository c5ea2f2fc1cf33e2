/** An event of a room as the rest of the code sees it: parsed once, immutable. Spec: rooms/v12#event-format. */

import type { EventId, RoomId, UserId } from '../ids.ts'
import type { JsonObject } from '../json/json.ts'

export type RoomEvent = {
  readonly eventId: EventId
  /** In version 12 the create event has no `room_id` on the wire: here it is always filled in. */
  readonly roomId: RoomId
  readonly type: string
  readonly sender: UserId
  /** Undefined: not a state event. */
  readonly stateKey: string | undefined
  readonly content: JsonObject
  /** Milliseconds since the epoch, as its origin claims. */
  readonly originServerTs: number
  readonly depth: number
  readonly prevEvents: readonly EventId[]
  readonly authEvents: readonly EventId[]
  /** Whom it redacts: top level (versions 1–10) or `content.redacts` (11 and later). */
  readonly redacts: EventId | undefined
  /** The whole event as it is signed and sent to other servers. */
  readonly pdu: JsonObject
}

/** What decides an event's power over state: its type and state key. */
export type StateKeyTuple = readonly [type: string, stateKey: string]
