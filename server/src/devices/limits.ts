/** Bounds of what is kept for devices. */

export const deviceLimits = {
  /** How long other servers are waited for that are asked for keys, ms. */
  remoteKeysMs: 10_000,
  displayNameCharsMax: 100,
  /** JSON text of a device's keys, of a one-time key, of a cross-signing key. */
  keyBytesMax: 16_384,
  oneTimeKeysPerUploadMax: 1_000,
  oneTimeKeysPerDeviceMax: 5_000,
  fallbackAlgorithmsMax: 20,
  /** Users asked for in one query, devices in one claim. */
  queriedUsersMax: 10_000,
  claimedDevicesMax: 10_000,
  /** How often a claim is tried again where other processes claim as well. */
  claimTriesMax: 3,
  /** Cached JSON text of queried keys, in characters. */
  cachedKeysCharsMax: 64 * 1024 * 1024,
  keyCountsCachedMax: 20_000,
  signaturesPerUploadMax: 1_000,
  /** Signatures by one user of one key. */
  toDeviceQueueMax: 10_000,
  toDevicePageMax: 100,
  toDeviceTargetsMax: 20_000,
  queuesCachedMax: 50_000,
  /** Texts of new messages that are kept in memory until their devices fetch them, in characters. */
  recentMessageCharsMax: 4 * 1024 * 1024,
  /** How long acknowledged messages wait to be removed together, ms; with so many devices they no longer wait. */
  acknowledgedKeptMs: 1_000,
  acknowledgedMax: 2_000,
  /** Messages to one device after which its queue is cut to its bound. */
  queueCheckEvery: 1_000,
  transactionKeptMs: 24 * 60 * 60_000,
  backupSessionBytesMax: 65_536,
  backupAuthBytesMax: 65_536,
  dehydratedBytesMax: 65_536,
} as const
