/** Bounds of what is asked from other machines. */

export const remoteLimits = {
  /** Requests under way at once, over all origins; the rest wait within their deadline. Bounds sockets and memory. */
  requestsMax: 512,
  /** Requests under way at once to one origin, so that a slow one cannot hold all places. */
  requestsPerOriginMax: 16,
  /** Requests that may wait for a place; further ones fail at once. */
  waitingMax: 20_000,
  /** Origins with connections kept open; those idle the longest are closed first. */
  originsMax: 512,
  /** How long an idle connection is kept, in milliseconds. */
  idleConnectionMs: 30_000,
  /** How long a connection may take to open, in milliseconds, TLS included. */
  connectMs: 10_000,
  /** Header lines of a reply, in bytes. */
  headerBytesMax: 32_768,
  /** Addresses tried of those that a name has. */
  addressesMax: 8,
} as const

/** Bounds of finding a server. Spec: server-server-api#resolving-server-names. */
export const discoveryLimits = {
  /** Servers whose place is remembered. */
  serversMax: 20_000,
  /** Of a `.well-known` document, in bytes. */
  wellKnownBytesMax: 51_200,
  wellKnownRedirectsMax: 5,
  wellKnownTimeoutMs: 10_000,
  /** Cache times of a `.well-known` document; the specification says 24 h by default and 48 h at most. */
  wellKnownDefaultMs: 24 * 3600_000,
  wellKnownMaxMs: 48 * 3600_000,
  wellKnownMinMs: 60_000,
  /** How long it is remembered that there is no document (1 h at most), and that it could not be asked for. */
  wellKnownAbsentMs: 3600_000,
  wellKnownFailedMs: 300_000,
  /** How long SRV records are remembered: their own time is not told. */
  srvMs: 300_000,
  /** One question to a name server, and how often it is asked. */
  srvTimeoutMs: 2000,
  srvTries: 2,
  /** Places of one server that are tried for one request. */
  targetsMax: 4,
} as const

/** Bounds of keys. Spec: server-server-api#retrieving-server-keys. */
export const keyLimits = {
  /** Servers whose keys are in memory. */
  serversMax: 20_000,
  /** Keys in one document, old ones included. */
  keysPerServerMax: 100,
  documentBytesMax: 262_144,
  requestTimeoutMs: 10_000,
  /** A key counts as valid for at most this long after it was fetched: 7 days, as the specification says. */
  validityMaxMs: 7 * 24 * 3600_000,
  /** How long our own document says that it is valid. */
  ownValidityMs: 24 * 3600_000,
  /** A server is not asked for its keys again within this time, whether it answered or not. */
  askAgainMs: 60_000,
  /** Servers that one notary request may name. */
  notaryServersMax: 100,
  /** Key requests under way at once for notary requests. */
  notaryParallelMax: 20,
} as const

/** Back-off from servers that do not answer. */
export const backoffLimits = {
  firstMs: 1000,
  factor: 2,
  /** A server that was silent for days is asked once a day. */
  maxMs: 24 * 3600_000,
  /** Servers in memory that fail. */
  serversMax: 100_000,
} as const

/** Bounds of replies to calls. */
export const callLimits = {
  /** Events of a state, and of an auth chain. */
  stateEventsMax: 500_000,
  /** Events of other replies, rooms of a directory page, devices of a user. */
  eventsMax: 10_000,
  /** Servers that an alias names. */
  serversMax: 10_000,
} as const

/** Bounds of what is asked of identity servers. */
export const identityLimits = {
  /** A user waits for the answer. */
  timeoutMs: 10_000,
  /** Of a reply: none has more than a few lines. */
  bodyBytesMax: 65_536,
  /** Keys of one invite: the specification names two. */
  publicKeysMax: 10,
  /** Characters of a name or key that goes into a room's state. */
  textMax: 2_000,
} as const

/** Bounds of a look at a server for its administrator. */
export const examineLimits = {
  timeoutMs: 10_000,
  bodyBytesMax: 256 * 1024,
  redirectsMax: 5,
  /** How far two clocks may be apart, s: signatures are judged by times of days, people by minutes. */
  clockOffMaxS: 60,
} as const
