/** Bounds of asking policy servers. */

export const policyLimits = {
  /** Questions to one policy server under way: a room's turn waits for them, and it serves many rooms. */
  askedAtOnceMax: 16,
  /** How long one that did not answer is not asked again, ms: each question would hold up a room. */
  pauseMs: 5_000,
  /** Servers of which it is remembered that they did not answer. */
  pausedMax: 1_000,
} as const
