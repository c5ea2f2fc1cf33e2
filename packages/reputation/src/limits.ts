/** Bounds and constants of the model. Units in the names; sources in docs/reputation.md. */

const DAY_MS = 86_400_000

export const reputationLimits = {
  /** Bytes of an entity's canonical string. */
  entityBytesMax: 1_024,
  /** Characters of a context's or a reason code's name. */
  nameLengthMax: 255,
  /** Origins that one statement may name. */
  originsMax: 16,
  /** A statement may be dated this far ahead of our clock. */
  futureMs: 5 * 60_000,
  /** Statements about one entity that one evaluation looks at; the oldest of a feed go first. */
  testimoniesMax: 4_096,
} as const

/** The constants of the blend. */
export const model = {
  /** Prior weight: an unknown entity counts as this much evidence for the base rate. */
  priorWeight: 2,
  /** No statement of a feed without authority is more certain than this. */
  confidenceMax: 0.8,
  /** No feed is trusted more than this; own statements are. */
  trustMax: 0.95,
  /** Factors of a path that count: own trust, then declared weights. */
  pathFactorsMax: 3,
  /** A feed that signed nothing for so long begins to fade, by half in each further period. */
  idleMs: 90 * DAY_MS,
  idleHalfLifeMs: 180 * DAY_MS,
  /** Feeds that agree on more than this share of what they say are one operator. */
  overlapMax: 0.9,
  /** z of the one-sided bounds: 84 % and 95 %. */
  z: { hide: 1, refuse: 1.64 },
} as const

export { DAY_MS }
