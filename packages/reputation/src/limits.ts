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

/** What a feed may be; beyond it, it is refused and the last good state of it stays in force. */
export const feedLimits = {
  /** Levels of nesting in anything that is signed. */
  depthMax: 8,
  /** Entries of a batch; a publisher with more to say signs several. */
  batchEntriesMax: 1_000,
  /** Characters of a batch's JSON: a thousand plain entries of ordinary size. */
  batchCharactersMax: 1_000_000,
  /** Statements of a feed that anyone can read, patterns, and sealed rows. */
  plainMax: 10_000,
  patternsMax: 2_000,
  rowsMax: 1_000_000,
  /** Characters of a snapshot's JSON: ten thousand plain statements of ordinary size need 3 million. */
  snapshotCharactersMax: 150_000_000,
  /** Characters of a manifest's JSON: it must fit into an event. */
  manifestCharactersMax: 60_000,
  /** Contexts and reasons that a manifest defines: sealed rows name them by one byte. */
  contextsMax: 200,
  /** Feeds that a feed is derived from. */
  parentsMax: 64,
  /** Characters of the texts that people read. */
  textLengthMax: 2_000,
  /** Rows of a shard: 500 rows are 51 kB of base64, an event has room for 65 kB. */
  shardRowsMax: 500,
  /** Hops of an opinion that was passed on. */
  hopsMax: 3,
  /** Rows of a bucket that is asked for by its prefix: the crowd in which a question hides. */
  rangeRowsMin: 256,
  /** Bits of a prefix: more would leave no crowd in any feed that we hold. */
  rangeBitsMax: 20,
  /** Other buckets that are asked for with each. */
  rangeDecoys: 2,
  /** Blinded names of one question: 200 cost a core about 0.1 s. */
  oprfBatchMax: 200,
} as const

/** Lists of other networks that are read. */
export const exchangeLimits = {
  /** Characters of a list: ten thousand lines of ordinary size need half a million. */
  charactersMax: 1_000_000,
  /** Names of a list: as many as a plain feed may say. */
  opinionsMax: 10_000,
  /** Lines that could not be read and are told one by one. */
  refusedMax: 100,
  /** Characters of a cell, and cells of a line that are looked at. */
  cellCharactersMax: 10_000,
  columnsMax: 32,
} as const

/** Perceptual hashes of images. */
export const mediaLimits = {
  /** Pixels of an image that is hashed; it may be scaled down to 512 by 512 before. */
  pixelsMax: 4_096 * 4_096,
  /** Smaller sides show nothing that could be compared. */
  sideMin: 5,
  /** Hashes of one index: 100 bytes each. */
  hashesMax: 2_000_000,
  /** Bits in which hashes of one image differ, as its authors recommend; the search needs it to be below 32. */
  distanceMax: 31,
} as const

/** Argon2id for tier T2: about 60 ms a name, so that a dictionary of ten million costs a week of a core. */
export const slowHash = { turns: 2, memoryBytes: 19 * 1_048_576 } as const

export { DAY_MS }
