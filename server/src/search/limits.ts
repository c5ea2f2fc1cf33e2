/** Bounds of the user directory and of the search in messages. */

export const searchLimits = {
  /** Characters of a search term; what is longer is cut. */
  termCharsMax: 512,
  /** Words of a search term; the others are left out. */
  termWordsMax: 10,
  /** Characters of a word; longer ones are cut, in texts as in search terms. */
  wordCharsMax: 32,
  /** How long a search waits for what has happened before it to be indexed. */
  settleWaitMs: 2_000,
} as const

export const directoryLimits = {
  /** Users in one answer. Spec: client-server-api#post_matrixclientv3user_directorysearch leaves it to the server. */
  resultsMax: 50,
  resultsUsual: 10,
  /** Rows of the index that are looked at for one word. */
  candidatesMax: 5_000,
  /** Users whose rooms are read at once. */
  roomsReadAtOnce: 200,
  /** Up to so many users who share a room with the caller are looked up by themselves if a word has too many rows. */
  sharingMax: 20_000,
  /** Characters of a name that are indexed. */
  nameCharsMax: 256,
  /** Terms of one name. */
  nameTermsMax: 64,
  /** Members indexed by one transaction when the index is built. */
  buildBatch: 200,
  /** Rooms of which is known in memory whether their state was looked at. */
  seenRoomsMax: 10_000,
} as const
