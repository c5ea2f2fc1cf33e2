/** Bounds of JSON that comes from outside. */

export const jsonLimits = {
  /** Nesting of a body that we parse; other servers stop at this depth too. */
  depthMax: 128,
  /** Nesting of what we write: a body and what it is wrapped in to be signed. */
  canonicalDepthMax: 136,
} as const
