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
  /** Users who are known in memory to be indexed: they join without a read. */
  checkedUsersMax: 10_000,
  /** Rooms of which is known in memory whether their state was looked at. */
  seenRoomsMax: 10_000,
} as const

export const messageLimits = {
  /** Characters of an event's text that are indexed. */
  textCharsMax: 16_384,
  /** Terms of one event. */
  termsMax: 1_000,
  /** A shorter word means only itself, a longer one also those that begin with it. */
  prefixCharsMin: 3,
  /** Messages of a block: more make the index smaller, and the part of it that is in memory larger. */
  blockMessages: 2_000,
  /** A block is written earlier if its texts have so many characters. */
  blockCharsMax: 1_000_000,
  /** So far an index that finds no messages may be behind before that is written down. */
  blockEventsMax: 20_000,
  /** New events that wait before they are indexed, unless somebody searches. */
  waitingMax: 1_000,
  /** Events indexed at once, before other work has its turn. */
  indexedAtOnce: 200,
  /** Pages of a block written by one transaction: a large one would hold up the messages that are sent meanwhile. */
  pagesAtOnce: 50,
  /** Blocks looked at by one query. */
  blocksAtOnce: 16,
  /** Matches that are ordered; the newest are preferred. */
  hitsMax: 20_000,
  /** Matches that are read to see whether the caller may see them, for one page; and for the count. */
  examinedMax: 1_000,
  /** Of these so many at first, which is enough for most pages, */
  examinedFirst: 50,
  /** and then so many at once: each time costs some reads for each of their rooms. */
  examinedAtOnce: 250,
  /** Results of a page. */
  resultsUsual: 10,
  resultsMax: 50,
  /** Neighbours on each side. Spec: client-server-api#post_matrixclientv3search. */
  contextUsual: 5,
  contextMax: 20,
  /** Rooms of a page of which the state is told. */
  stateRoomsMax: 10,
  /** Rooms named by a filter. */
  filterRoomsMax: 1_000,
} as const
