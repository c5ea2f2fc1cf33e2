/** Bounds of handshake bodies; ours, the specification names none. */

export const handshakeLimits = {
  /** State events in an invite or in the reply to a knock. */
  previewEventsMax: 100,
  /** State events, and events of the auth chain, in the reply to a join. */
  joinEventsMax: 500_000,
  serversInRoomMax: 50_000,
  /** Events of a reply that are read before others may do something. */
  eventsPerStep: 200,
} as const
