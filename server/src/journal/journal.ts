/**
 * The append-only journal: the only place where components meet. Positions are the one counter of every stream that
 * clients follow (events, receipts, account data, to-device messages, device lists, typing …): a sync token is a
 * position. Entries are appended inside the transaction that they tell of.
 */

import type { Writer } from '../store/index.ts'

/** A number that only grows, shared by all streams of this store; survives restarts, with gaps. */
export type Position = number

/** What happened; `rooms`/`users` are interned names. Kept small: followers read the rest from the tables. */
export type JournalEntry =
  /**
   * An event was stored in its room's timeline: its number is the record's position, unless `event` says otherwise, for
   * events that were known before they got their place there. `slot`: the number of type and state key, of a change of
   * state. `relay`: another server gave it to us to be passed on to all others in the room. `told`: another server
   * passes it on to the others.
   */
  | {
      readonly kind: 'event'
      readonly room: number
      readonly event?: number
      readonly slot?: number
      readonly relay?: true
      readonly told?: true
    }
  /** The user's own membership changed by event `event`. */
  | {
      readonly kind: 'membership'
      readonly room: number
      readonly user: number
      readonly event: number
      readonly membership: string
    }
  | { readonly kind: 'receipt'; readonly room: number; readonly user: number; readonly isPrivate: boolean }
  | { readonly kind: 'typing'; readonly room: number }
  | { readonly kind: 'account-data'; readonly user: number; readonly room: number | null }
  | { readonly kind: 'to-device'; readonly user: number; readonly device: string }
  /** Messages to devices of users of another server, by the server's number. */
  | { readonly kind: 'to-server'; readonly server: number }
  | { readonly kind: 'device-list'; readonly user: number }
  /** The user signed others' master keys: only its own devices are told. */
  | { readonly kind: 'key-signatures'; readonly user: number; readonly signed: readonly number[] }
  | { readonly kind: 'one-time-keys'; readonly user: number; readonly device: string }
  | { readonly kind: 'presence'; readonly user: number }
  | { readonly kind: 'profile'; readonly user: number }
  | { readonly kind: 'push-rules'; readonly user: number }
  /** The user follows a thread, or no longer. */
  | { readonly kind: 'thread'; readonly user: number }
  /** The user's pushers changed, other than by the end of a session. */
  | { readonly kind: 'pusher'; readonly user: number }
  /** A device was logged out; null: all were, or the account is `locked`: then they come back when that ends. */
  | { readonly kind: 'session-ended'; readonly user: number; readonly device: string | null; readonly locked?: true }

export type JournalRecord = { readonly position: Position; readonly entry: JournalEntry }

export interface Journal {
  /** Takes the next position and stores the entry with the transaction. Call only inside a transaction's builder. */
  append(tx: Writer, entry: JournalEntry): Position
  /** Takes the next position for something that is not stored (typing); told to watchers in order. */
  announce(entry: JournalEntry): Position
  /** Takes the next position for something that nobody is told of: a number that was never used. */
  takeNumber(): Position
  /** Everything up to and including this position is committed and was told to the watchers. */
  committed(): Position
  /**
   * Told of every record in order, right after its commit; not replayed after a restart. Must be quick and not throw.
   */
  watch(watcher: (records: readonly JournalRecord[]) => void): () => void
  /**
   * A durable follower: gets each stored record at least once, in order, from its cursor on, also after a restart.
   * The cursor moves when the promise resolves. If it rejects, the follower stops and health turns red.
   */
  follow(name: string, follower: (records: readonly JournalRecord[]) => Promise<void>): void
  /** Starts the followers; call once after all are known. */
  start(): Promise<void>
  stop(): Promise<void>
}
