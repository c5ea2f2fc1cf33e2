/** Bounds of feeds that users of this server publish; those of any feed are in the reputation package. */

export const reputationLimits = {
  /** Feeds of one user. */
  feedsPerUserMax: 10,
  /** Public feeds that are listed to who asks for all; the newest first. */
  listedFeedsMax: 500,
  /** Batches of a feed: one a day for more than a century. */
  batchesMax: 50_000,
  /** Opinions in one request. */
  opinionsMax: 1_000,
  /** Batches of a page of changes, and the characters after which it ends. */
  batchesPageMax: 100,
  pageCharactersMax: 2_000_000,
  /** Snapshots kept in memory, a few megabytes each at most. */
  snapshotsMax: 4,
  /** Batches read at once while what must be forgotten is looked for. */
  eraseBatchesMax: 200,
  /** Confidence of an opinion that comes without one, in percent. */
  confidence: 70,
  /** How long others may keep what a feed said before they ask again, in seconds. */
  cacheSeconds: 60,
} as const
