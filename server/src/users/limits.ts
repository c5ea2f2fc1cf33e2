/** Bounds of accounts, sessions and what users keep on the server. */

export const userLimits = {
  passwordBytesMax: 4096,
  /** Password hashes computed side by side: each takes a thread and its memory. */
  hashesMax: 2,
  /** Requests that wait for a password hash. */
  hashesWaitingMax: 200,
  deviceNameCharsMax: 100,
  /** Access tokens remembered. */
  callersMax: 50_000,
  accessTokenLifetimeMs: 5 * 60_000,
  loginTokenLifetimeMs: 2 * 60_000,
  nonceLifetimeMs: 60_000,
  noncesMax: 10_000,
  authSessionLifetimeMs: 60 * 60_000,
  authSessionsMax: 10_000,
  /** Failed logins for one account or from one address before they are slowed down, and time until one is forgotten. */
  failuresMax: 10,
  failureForgottenMs: 10_000,
  failureEntriesMax: 20_000,
  /** What is seen of sessions is written this often, or when so many wait. */
  seenFlushMs: 60_000,
  seenMax: 5_000,
  /** How long a link that confirms an address works, and how many are open at once. */
  validationLifetimeMs: 24 * 3_600_000,
  validationsMax: 10_000,
  /** Letters to one address, and to all together, within a time. */
  lettersPerAddressMax: 5,
  lettersMax: 1_000,
  lettersWithinMs: 3_600_000,
  mailedAddressesMax: 20_000,
  threePidsPerUserMax: 50,
  profileBytesMax: 65_536,
  profileKeyBytesMax: 255,
  profilesCachedMax: 20_000,
  accountDataBytesMax: 262_144,
  /** Types in one room, or global ones. */
  accountDataTypesMax: 2_000,
  accountDataTypeBytesMax: 255,
  /** Ignored users in memory, over all who ignore some, and one for each of them and of the others. */
  wishesCachedMax: 500_000,
  /** Patterns that say who may invite: with wildcards, in all; characters of one: no ID is longer. */
  inviteGlobsMax: 500,
  invitePatternCharsMax: 255,
  /** Threads that a user follows or has left. */
  threadsPerUserMax: 20_000,
  filterBytesMax: 65_536,
  filtersPerUserMax: 1_000,
  filtersCachedMax: 10_000,
  rulesetsCachedMax: 5_000,
  registrationTokenCharsMax: 64,
  pushersPerUserMax: 100,
  pusherBytesMax: 8_192,
  appIdCharsMax: 64,
  pushKeyBytesMax: 512,
  openIdTokenLifetimeMs: 60 * 60_000,
  /** How long the link to make the first account works. */
  setupTokenLifetimeMs: 24 * 3600 * 1000,
} as const
