/** Bounds of what is kept of notifications, and of how they are delivered. */

export const notificationLimits = {
  /** Notifications kept of one user, the newest; and how many come on top before the rest is removed. */
  perUserMax: 1_000,
  perUserSlack: 100,
  /** Notifications in one answer: by default, and at most. */
  pageDefault: 20,
  pageMax: 100,
  /** Events looked at to find what a user was notified of before anybody asked, over all rooms and of one at once. */
  fillEventsMax: 2_000,
  fillChunk: 50,
  /** How long a list waits for events of this moment to be evaluated. */
  listWaitMs: 2_000,
  /** Without a pusher, who did not ask for so long is no longer written down; and how often that is looked at. */
  listedForMs: 60 * 24 * 3_600_000,
  tidyEveryMs: 6 * 3_600_000,
  tidyUsersMax: 1_000,
  /** A user's time of asking is written at most this often. */
  listedEveryMs: 24 * 3_600_000,
  /** Members of rooms, compiled rules and unread notifications in memory, over all. */
  membersMax: 300_000,
  rulesMax: 20_000,
  unreadMax: 400_000,
  /** After a batch with fewer records, how long the follower waits for more, so that they are written together. */
  batchMin: 200,
  batchPauseMs: 50,
  /** Evaluations after which other work gets a turn. */
  evaluationsAtOnce: 1_000,
} as const

export const deliveryLimits = {
  /** Requests to gateways at once: in all, and to one origin. */
  requestsMax: 64,
  requestsPerGatewayMax: 12,
  requestMs: 20_000,
  replyBytesMax: 65_536,
  /** Wait after a failure; doubled with each further one. */
  retryMinMs: 1_000,
  retryMaxMs: 3_600_000,
  /** What could not be delivered for so long is not delivered any more. */
  deliverWithinMs: 24 * 3_600_000,
  /** Notifications of one pusher that are delivered before others get a turn. */
  perTurn: 10,
  /** What was delivered is written down this often: a crash repeats so much. */
  saveEveryMs: 500,
  /** Users without anything to deliver whose pushers are kept in memory. */
  idleUsersMax: 20_000,
  /** Events kept as gateways get them. */
  factsMax: 500,
  /** Users looked at in one read after a start. */
  resumeUsers: 200,
  /** Notifications go by e-mail once they are so old, and after a letter not sooner than so. */
  mailAfterMs: 10 * 60_000,
  mailEveryMs: 3_600_000,
  /** Notifications in one letter, and characters of each. */
  mailedMax: 20,
  mailedCharsMax: 300,
  /** How long a stop waits for requests under way. */
  stopMs: 2_000,
} as const
