/** Bounds of what is told of rooms without being events. */

export const ephemeralLimits = {
  /** Rows of receipts kept in memory over all rooms, and in one room. */
  recentReceiptsMax: 50_000,
  recentReceiptsOfRoomMax: 512,
  /** Read positions kept in memory, over all users. */
  readsMax: 200_000,
  /** Receipts of one room that one reply tells of, the newest. */
  receiptsListedMax: 2_000,
  typingRoomsMax: 10_000,
  typingUsersOfRoomMax: 200,
  typingTimeoutMinMs: 1_000,
  typingTimeoutMaxMs: 120_000,
} as const
