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
  /** Opinions that a sealed feed takes at once: a slow hash of each costs 60 ms. */
  sealedOpinionsMax: 200,
  /** How long feeds share a salt: 90 days, then names must be hashed anew. */
  saltMs: 90 * 24 * 3_600_000,
  /** Users whom a narrow feed names as its readers. */
  readersMax: 500,
  /** Batches of a page of changes, and the characters after which it ends. */
  batchesPageMax: 100,
  pageCharactersMax: 2_000_000,
  /** Prefixes of one question by range, and feeds of which answers are kept ready, 80 MB each at most. */
  prefixesMax: 30,
  rangeTablesMax: 4,
  /** Blinded names of one question (10 ms of a core), of one server in a day, a second and at once. */
  oprfElementsMax: 32,
  oprfPerDayMax: 10_000,
  oprfPerSecond: 20,
  oprfBurst: 200,
  /** Servers whose questions are counted. */
  quotasMax: 5_000,
  /** Names that wait for being hashed or asked for; those beyond wait until they are met again. */
  wantedMax: 5_000,
  /** Answers to questions by range that are kept, and how long, ms. */
  bucketsMax: 200,
  bucketMs: 3_600_000,
  /** After a question that failed, a feed is left alone for so long. */
  askAgainMs: 60_000,
  oprfBytesMax: 20_000,
  rangeBytesMax: 1_000_000,
  /** Heads that servers tell each other at once, how often, servers asked in a round, and those they are chosen of. */
  headsMax: 50,
  gossipEveryMs: 3_600_000,
  gossipPeers: 3,
  gossipServersMax: 10_000,
  /** Heads of others that wait for being compared. */
  comparisonsMax: 200,
  proofBytesMax: 50_000,
  /** Snapshots kept in memory, a few megabytes each at most. */
  snapshotsMax: 4,
  /** Batches read at once while what must be forgotten is looked for. */
  eraseBatchesMax: 200,
  /** Confidence of an opinion that comes without one, in percent. */
  confidence: 70,
  /** Feeds that one user, and the whole server, follows. */
  subscriptionsPerUserMax: 50,
  sourcesMax: 2_000,
  /** Feeds that are followed because one followed feed is derived from them, and how many steps away. */
  parentsFollowedMax: 10,
  parentStepsMax: 2,
  addressCharsMax: 500,
  /** How often a followed feed is looked at, and the longest wait after failures. */
  refreshMs: 15 * 60_000,
  refreshMsMax: 24 * 3_600_000,
  /** A feed is not looked at again on request within this time. */
  lookAgainMs: 1_000,
  /** How often due feeds are looked for, and how many at once. */
  lookEveryMs: 60_000,
  dueMax: 200,
  /** Feeds that are looked at side by side. */
  lanes: 5,
  /** How long a server waits for news of feeds of another, and the longest that one of ours lets others wait. */
  newsWaitMs: 60_000,
  newsWaitMsMax: 60_000,
  /** Feeds of one question for news, servers that are asked for them, and who may wait here at once. */
  newsFeedsMax: 200,
  newsOriginsMax: 128,
  newsWaitersMax: 1_000,
  newsBytesMax: 50_000,
  /** The pause after news, so that many at once make one look; and the longest after failures. */
  newsPauseMs: 250,
  newsPauseMsMax: 6 * 3_600_000,
  /** Users whose clients are told at once, in a row, that they see something else now, ms between such rounds. */
  tellViewsMs: 100,
  /** What came within this time tells whether a feed suddenly says far more: a day, and the seven before. */
  burstMs: 8 * 24 * 3_600_000,
  /** Time for one request, and the largest answers: a page, and the statements of a feed at its quota. */
  fetchMs: 30_000,
  manifestBytesMax: 300_000,
  pageBytesMax: 4_000_000,
  snapshotBytesMax: 30_000_000,
  /** Levels of nesting of an answer: those of a batch, and of what is round it. */
  depthMax: 16,
  /** Pages of changes in one look at a feed. */
  pagesMax: 20,
  /** No further page is asked for after this time; the next look goes on. */
  catchUpMs: 60_000,
  /** Feeds that a room's lens may name, and those that this server follows for rooms. */
  roomFeedsMax: 5,
  roomSourcesMax: 200,
  lensesPerUserMax: 20,
  /** Characters of a lens's name. */
  lensNameCharsMax: 64,
  /** Own rules of a lens, and contexts for which a subscription has trust of its own. */
  lensRulesMax: 1_000,
  trustContextsMax: 100,
  /** How long a lens may be tried out. */
  tryMsMin: 1_000,
  tryMsMax: 7 * 24 * 3_600_000,
  /** Compiled lenses in memory, and entities that each remembers. */
  sightsMax: 2_000,
  rememberedMax: 5_000,
  /** After this time a lens is compiled anew: what it says fades. */
  sightMs: 10 * 60_000,
  /** Domains above one that are asked about with it. */
  domainLabelsMax: 5,
  /** Pictures that followed feeds name by perceptual hash, and those alike that are looked at for one. */
  picturesMax: 200_000,
  picturesNearMax: 8,
  /** So few are indexed anew at once; more not again within this time, ms. */
  picturesFewMax: 5_000,
  picturesBuildMs: 60_000,
  /** Entities by which feeds of a lens are compared, how many are read at once, and how long the result is kept. */
  sampleMax: 1_000,
  samplePage: 250,
  weightsMs: 10 * 60_000,
  weightsMax: 500,
  /** The log of the server's lens: how long, how much, how much of it at once, and characters of a reason. */
  logMs: 30 * 24 * 3_600_000,
  logMax: 10_000,
  logPageMax: 100,
  reasonCharsMax: 1_000,
  /** Contexts of one entity that are evaluated, those with most said first come first. */
  contextsMax: 20,
  /** How long others may keep what a feed said before they ask again, in seconds. */
  cacheSeconds: 60,
} as const
