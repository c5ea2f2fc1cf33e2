/** Bounds of what comes in over HTTP; nothing here grows without one. */

export const httpLimits = {
  /** Characters of one decoded path parameter. */
  parameterCharsMax: 2048,
  /** All header lines of a request together. */
  headerBytesMax: 32_768,
  /** Time for a client to send its header lines. */
  headersTimeoutMs: 30_000,
  /** Time for a client to send a whole request. */
  requestTimeoutMs: 300_000,
  /** How long an idle connection is kept. */
  keepAliveTimeoutMs: 75_000,
  /** Buckets remembered per limit class; the longest unused is forgotten first. */
  bucketsMax: 20_000,
  /** How long a stopping server waits for open requests. */
  shutdownGraceMs: 8_000,
  /** How often it meanwhile looks for connections whose request is answered, to close them. */
  shutdownLookMs: 50,
  /** Body of a server's request: 50 events of 64 KiB and 100 ephemeral messages, with room to spare. */
  serverBodyBytesMax: 12 * 1024 * 1024,
  /** Bodies of which it is not proven yet whose they are, in bytes: of one address, and all together. */
  unverifiedBytesPerAddressMax: 48 * 1024 * 1024,
  unverifiedBytesMax: 256 * 1024 * 1024,
} as const
