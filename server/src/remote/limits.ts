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
