/** How long requests of each kind may take and how large their replies may be: ours, the specification names none. */

const mebibyte = 1024 * 1024

export const requestKinds = {
  /** Small questions that a user waits for: profiles, aliases, keys, the directory. */
  query: { timeoutMs: 10_000, bodyBytesMax: 4 * mebibyte, isUrgent: false },
  /** Single events and lists of at most some hundred. */
  events: { timeoutMs: 30_000, bodyBytesMax: 32 * mebibyte, isUrgent: false },
  /** Whole states: a room of 100,000 members has about 100 MiB. */
  state: { timeoutMs: 120_000, bodyBytesMax: 256 * mebibyte, isUrgent: false },
  /** Handshakes that a user waits for; tried though the server did not answer lately. */
  handshake: { timeoutMs: 30_000, bodyBytesMax: 4 * mebibyte, isUrgent: true },
  /** The reply to a join has the whole state. */
  join: { timeoutMs: 180_000, bodyBytesMax: 256 * mebibyte, isUrgent: true },
  /** The other side may wait for missing events before it answers. */
  transaction: { timeoutMs: 60_000, bodyBytesMax: 4 * mebibyte, isUrgent: false },
  /** Media, which goes to the disk as it comes; callers bound the size further. */
  media: { timeoutMs: 60_000, bodyBytesMax: 128 * mebibyte, isUrgent: false },
  /** A room waits; tried though the server did not answer lately, for whoever asks has a shorter pause of its own. */
  policy: { timeoutMs: 5_000, bodyBytesMax: 64 * 1024, isUrgent: true },
} as const

export type RequestKind = keyof typeof requestKinds
