/** Bounds of what is delivered to other servers. */

export const outboxLimits = {
  /** Events and ephemeral messages of one transaction. Spec: server-server-api#transactions. */
  pdusMax: 50,
  edusMax: 100,
  /** Events that wait in memory for one server; beyond that they are read from the tables when it is their turn. */
  waitingMax: 1_000,
  /** Events of one room that a server gets that was away: the newest; it asks for the others. */
  caughtUpMax: 50,
  /** Ephemeral messages that wait for one server: the oldest are lost. */
  edusWaitingMax: 500,
  /** Users whose presence one transaction tells of. */
  presenceMax: 100,
  /** How long a server is left alone that refused a transaction, ms. */
  refusedPauseMs: 60_000,
} as const
