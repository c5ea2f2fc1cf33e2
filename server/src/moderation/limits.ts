/** Bounds of what users report. */

export const moderationLimits = {
  reasonCharsMax: 10_000,
  /** Older reports of the same user go. */
  reportsPerUserMax: 500,
  /** Older reports go. */
  reportsMax: 100_000,
  reportsPageMax: 100,
} as const
