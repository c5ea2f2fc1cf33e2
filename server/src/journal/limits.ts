/** Bounds of the journal. */

export const journalLimits = {
  /** Positions are reserved in the store in blocks of this size; more are asked for when half a block is left. */
  reserveBlock: 1_000_000,
  /** Records that wait in memory for one follower; a slower one reads them from the table again. */
  followerQueueMax: 5_000,
  /** Records that a follower gets at once. */
  batchMax: 500,
  /** A follower's cursor is stored at most this long after it moved. */
  cursorSaveMs: 1_000,
  /** How often an hour's end is looked for, and how long entries are kept at least. */
  markEveryMs: 10 * 60_000,
  keepMs: 60 * 60_000,
  /** Entries deleted by one transaction. */
  pruneBatch: 2_000,
  /** How long `stop` waits for followers that are busy. */
  stopWaitMs: 10_000,
} as const
