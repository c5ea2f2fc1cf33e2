/** Bounds of what other servers are told, and of what is taken from them. */

export const federationLimits = {
  /** Servers that one metric names; the others are added up. */
  worstMax: 10,
  /** Events in the reply to `backfill`. */
  backfillMax: 100,
  /** Events in the reply to `get_missing_events`: those that ask for more get the newest. */
  missingEventsMax: 50,
  /** Events looked at for one such reply. */
  walkedMax: 1000,
  /** Events that one walk begins at, and IDs that it stops at. */
  startsMax: 100,
  /** Events whose text is read at once for a reply. */
  textsAtOnce: 1000,
  /** Events near a time that are looked at together for one that may be seen. */
  timedAtOnce: 100,
  /** Compiled server access control lists in memory. */
  accessListsMax: 1000,
  /** Children of a space that are told. */
  childrenMax: 500,
  /** Invites by e-mail that one message of an identity server may tell of. */
  boundInvitesMax: 50,
  /** Keys of a third-party invite, and signatures of its proof, that are looked at. */
  inviteKeysMax: 8,
  /** Servers that are asked for help with one room, one after the other. */
  candidatesMax: 10,
  /** How often a join is sent to the same server, if its reply is lost. */
  joinAttemptsMax: 3,
  /** Events of a told state that are checked and stored together: what happens meanwhile waits no longer for it. */
  toldAtOnce: 500,
  /** How long events of a room that is being joined wait for the end of that, ms: well within what senders wait. */
  joinAwaitedMs: 10_000,
  /** Rooms whose members are fetched at the same time. */
  completedAtOnce: 8,
  /** Servers asked for them at each attempt, beside the one that was joined by. */
  completersAsked: 4,
  /** The pause after the first attempt in vain; it doubles each time, up to the longest. */
  completeAgainMs: 1000,
  completeAgainMaxMs: 600_000,
  /** The same for a room whose state lacks events of servers whose keys cannot be had; it grows fourfold each time. */
  proveAgainMs: 30_000,
  proveAgainMaxMs: 6 * 3600_000,
  /** Servers that are named in an error. */
  namedMax: 5,
  /** The whole state is asked for if at least one of so many events is missing; else they are asked for one by one. */
  wholeStateShare: 10,
  singlyAtOnce: 10,
} as const
