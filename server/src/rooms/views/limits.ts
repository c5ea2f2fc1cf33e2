/** Bounds of what is kept in memory to show events. */

export const viewLimits = {
  /** Events kept as push rules see them. */
  evaluatorsMax: 4_000,
  /** Rooms of which is kept what push rules ask. */
  pushContextsMax: 5_000,
  /** Relations followed to find the thread of an event. Spec: client-server-api#marking-notifications-as-read. */
  threadHopsMax: 3,
  /** Member events followed to find the join before them. */
  stayHopsMax: 20,
} as const
