/** Bounds of an event. Spec: client-server-api#size-limits, rooms/v12#event-format. */

export const eventLimits = {
  /** The whole event with its signatures, in canonical JSON, in bytes. */
  bytesMax: 65_536,
  /** `type`, `state_key`, `sender`, `room_id` and `event_id`, each in bytes. */
  fieldBytesMax: 255,
  /** `type` and `state_key` of events of others before version 11, in code points; rejected over `fieldBytesMax`. */
  fieldCharactersMax: 255,
  /** Nesting of the content of an event that we make: leaves room for what it is wrapped in on its way. */
  contentDepthMax: 100,
  prevEventsMax: 20,
  authEventsMax: 10,
  /** Version 6 and later. */
  depthMax: Number.MAX_SAFE_INTEGER,
  /** Versions 1–5: 2^63 - 1, here as the nearest double. */
  lenientDepthMax: 2 ** 63,
} as const
