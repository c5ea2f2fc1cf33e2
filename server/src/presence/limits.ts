/** Times and bounds of presence. */

export const presenceLimits = {
  /** How long after being active a user counts as currently active. */
  activeMs: 60_000,
  /** Who was not active for so long is unavailable. */
  idleMs: 5 * 60_000,
  /** A device is connected until so long after its last request ended. */
  connectedMs: 30_000,
  /** What another server told of a user is believed for so long. */
  remoteMs: 30 * 60_000,
  /** Changes are told together, at least so long after the last ones were. */
  tellEveryMs: 1_000,
  /** Users whose changes are told together; the others come next time. */
  toldAtOnceMax: 500,
  /** States change by themselves up to so much later than they should. */
  dueGrainMs: 5_000,
  /** Users in memory; those who went offline longest ago are forgotten first. */
  peopleMax: 100_000,
  devicesPerUserMax: 50,
  statusMessageBytesMax: 2_048,
  /** Users who were online when the server ended, read at the start. */
  restoredMax: 50_000,
  /** Rows written by one transaction when the server ends. */
  flushBatch: 1_000,
} as const
