/** Bounds of JSON that comes from outside. */

export const jsonLimits = {
  /** Nesting inside one event; other servers stop at this depth too. */
  depthMax: 128,
  /** Nesting of a whole request body: an event and what it may be wrapped in. */
  bodyDepthMax: 136,
} as const
