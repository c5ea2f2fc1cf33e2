/** Bounds of the store: nothing that waits or is kept grows without one. */

export const storeLimits = {
  /** Transactions that wait for the writer; more are refused with StoreError 'busy'. */
  waitingMax: 50_000,
  /** Transactions and (about) bytes that share one commit. */
  groupTransactionsMax: 1_000,
  groupBytesMax: 8 * 1024 * 1024,
  /** SQLite's page caches, in KiB: small, for the kernel caches the file too. */
  writerCacheKib: 2_000,
  readerCacheKib: 2_000,
  longReaderCacheKib: 4_000,
  /** The WAL is copied back into the database at this many pages (of 4 KiB), whatever the load. */
  walPagesMax: 2_000,
  /** … and when the writer has been idle so long after so many commits. */
  idleCheckpointMs: 40,
  idleCheckpointCommits: 50,
  /** The WAL file keeps at most this size after a checkpoint. */
  walBytesKept: 16 * 1024 * 1024,
  /** Threads for long reads, and how long an unused one is kept. */
  longReadersMax: 2,
  longReaderIdleMs: 60_000,
  /** Postgres connections for short and for long reads. */
  postgresReadersMax: 6,
  postgresLongReadersMax: 2,
  /** How long another process may take to let go of the store. */
  lockWaitMs: 1_000,
  /** Memory of interned names, both ways together. */
  nameBytesMax: 8 * 1024 * 1024,
  /** A migration that takes longer says so. */
  migrationQuietMs: 2_000,
} as const
