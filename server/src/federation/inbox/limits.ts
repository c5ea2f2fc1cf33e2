/** Bounds of what is taken from other servers. A transaction's own are in `eduLimits` of the protocol package. */

export const inboxLimits = {
  /** How long the answer to a transaction is remembered, for a server that asks again. */
  answerKeptMs: 12 * 3600_000,
  /** Transactions of one server that are under way or wait for their turn; it should send one at a time. */
  transactionsPerServerMax: 10,
  /** How long a transaction waits for its events to be taken, before those that are not go to the queue. */
  directMs: 1000,
  /** Events of one server that may wait, and of all: further transactions are refused for a while. */
  waitingPerServerMax: 2000,
  waitingMax: 20_000,
  refusedForMs: 10_000,
  /** Queues (one server's events of one room) that are worked off at once, and of one server. */
  workersMax: 64,
  workersPerServerMax: 4,
  /** Events of a queue that are looked at together. */
  batchMax: 50,
  /** When an event is tried again whose predecessors could not be had; after the last time it is dropped. */
  retryAfterMs: [2_000, 30_000, 300_000, 3600_000, 6 * 3600_000],
  /** When one is looked at again that waits for the members of its room: it is taken up as soon as they are here. */
  postponedMs: 60_000,
  /** In the first tries of an event nothing is left out of what it rests on because its signer's keys cannot be had. */
  patientAttempts: 3,
  /** How often the queue is looked through for such events, at most. */
  retryEveryMs: 1000,
  /** What waits for a server is tried when that is there again, at most so often. */
  recoveryEveryMs: 60_000,
  recoveriesMax: 10_000,
  /** Queues whose time to try again has come that are taken up together. */
  dueMax: 1000,
} as const

/** Bounds of what is asked to fill one gap before an event. */
export const gapLimits = {
  /** How long events are asked for, in milliseconds; a request that is under way may take longer. */
  timeMs: 60_000,
  /** Times that events between are asked for, and how many at first: most gaps are small; then at a time. */
  roundsMax: 60,
  firstEventsMax: 10,
  /** A server that tells fewer has no more, whatever it was asked for: Synapse and Dendrite tell 20 at a time. */
  eventsMin: 20,
  eventsAtOnceMax: 100,
  eventsMax: 2000,
  /** Of these such as are from before the room was entered: on what they rest is taken from the state. */
  pastEventsMax: 100,
  /** Characters of such events together: bounds memory. */
  charsMax: 16 * 1024 * 1024,
  /** Events whose predecessors are asked for at a time. */
  latestMax: 20,
  /** Events whose predecessors nobody tells, and whose state is asked for instead. */
  statesMax: 5,
  /** Events whose auth chains are asked for. */
  authsMax: 20,
  /** States that are asked for at once over all gaps; one server is in the way of few others. */
  stateLanes: 4,
  /** Events of a state that are asked for one by one; if more are not here, for the whole state. */
  singlyMax: 50,
  singlyAtOnce: 10,
  /** Events that are checked together. */
  checkedAtOnce: 100,
  /** Other servers of the room that are asked if the one that sent an event does not answer. */
  othersAskedMax: 2,
} as const

/** Bounds of what is asked for when somebody reads back beyond what is here. */
export const historyLimits = {
  /** Missing events that are asked for at once, and events that are told of them. */
  edgesMax: 10,
  eventsMax: 100,
  /** Servers asked, those with the most users in the room first. */
  serversMax: 3,
  /** How long a reader waits, in milliseconds; what comes later is there for the next page. */
  waitMs: 10_000,
  /** A room whose servers told nothing is left alone for so long, in milliseconds. */
  askAgainMs: 60_000,
  roomsMax: 10_000,
} as const

/** Bounds of what one transaction tells besides events. */
export const eduTakenLimits = {
  receiptsMax: 5000,
  /** Receipts that are written together. */
  receiptsAtOnce: 100,
  presenceMax: 1000,
  /** How long a user of another server types if nothing more is heard. */
  typingMs: 60_000,
} as const
