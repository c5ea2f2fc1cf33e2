/** Bounds of what is delivered to other servers. */

export const outboxLimits = {
  /** Events and ephemeral messages of one transaction. Spec: server-server-api#transactions. */
  pdusMax: 50,
  edusMax: 100,
  /** Messages to devices, and users whose devices changed, of one transaction: so that none keeps out the others. */
  messagesMax: 50,
  usersMax: 25,
  /** Events that wait in memory for one server; beyond that they are read from the tables when it is their turn. */
  waitingMax: 1_000,
  /** Events of one room that a server gets that was away: the newest; it asks for the others. */
  caughtUpMax: 50,
  /** Rooms that a server is caught up with at once. */
  caughtUpRoomsMax: 20,
  /** Ephemeral messages that wait for one server: the oldest are lost. */
  edusWaitingMax: 500,
  /** What was not taken within this time is written down, ms: most servers are told everything before that. */
  storedAfterMs: 500,
  /** Records that wait for being handed to the queues; beyond that they go by way of the tables. */
  recordsMax: 20_000,
  /** A server that is left alone for longer than this is told from the tables when it is back, ms. */
  awayMs: 60_000,
  /** How long a server is left alone that answered but did not take a transaction, ms: twice as long each time. */
  refusedFirstMs: 1_000,
  refusedMaxMs: 10 * 60_000,
  /** How long a delivery rests that stopped because something here failed, ms. */
  stoppedPauseMs: 60_000,
  /** Queues in memory; further ones take the place of those that have nothing to do. */
  queuesMax: 2_000,
  /** Rooms of which is remembered which servers are told. */
  roomsMax: 20_000,
  /** Rooms in which is remembered who of ours is typing. */
  typingRoomsMax: 20_000,
} as const
