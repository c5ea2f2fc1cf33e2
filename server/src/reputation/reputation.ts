/** The reputation component as others see it: feeds that users of this server publish. */

import type { ServerName } from '@parallax/protocol'
import type {
  Action,
  BlockList,
  BlockListFormat,
  BubbleMetrics,
  ContextClass,
  DecisionRule,
  EntityKey,
  EntityKind,
  Manifest,
  ReputationErrorKind,
  SubscriptionMode,
  trustLevels,
} from '@parallax/reputation'
import type { Clock, Logger, Metrics } from '../base/index.ts'
import type { KeyRing, OutgoingHttp, RemoteCalls } from '../remote/index.ts'
import type { Names, Store } from '../store/index.ts'

export type ReputationDeps = {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'counter'>
  readonly outgoing: Pick<OutgoingHttp, 'request'>
  readonly remote: {
    readonly isEnabled: boolean
    readonly calls: Pick<RemoteCalls, 'askFeed'>
    readonly keyRing: Pick<KeyRing, 'listServers'>
  }
  readonly names: Pick<Names, 'texts'>
  /** Which of our domains asks others. */
  readonly ownServer: ServerName
  readonly randomBytes: (count: number) => Uint8Array
  readonly config: {
    /** Who may have feeds that others can read. */
    readonly publishing: 'nobody' | 'admins' | 'users'
    /** Whether other servers are asked, and told, how far they know which feeds. */
    readonly gossip: boolean
    /** Origins from which feeds may come without TLS. */
    readonly httpSources: readonly string[]
    /** `<kind> <entity>`: what the server refuses, whatever its lens says. */
    readonly refuse: readonly string[]
  }
}

/** Who acts. */
export type Publisher = { readonly user: number; readonly isAdmin: boolean }

/** Who may read a feed: its owner, users that the owner names, or anyone. */
export type Audience = 'me' | 'named' | 'public'

/** How hard a sealed feed makes it to try names: slow hash, asking the feed, members only. */
export type SealedTier = 'T2' | 'T3' | 'T4'

/** `tier`: of a feed that anyone may read; what only some may read is sealed for them. */
export type NewFeedOptions = {
  readonly audience: Audience
  readonly tier?: 'T0' | 'T2' | 'T3'
  readonly readers?: readonly string[]
}

/** What a publisher says of a feed; the rest of its manifest is ours. */
export type FeedDescription = {
  readonly name: string
  readonly class: 'human' | 'automated' | 'mixed'
  readonly contexts: readonly object[]
  readonly languages?: readonly string[]
  readonly contact?: string
  readonly licence?: string
}

/** An opinion as a client writes it; the times and the form of the entity are ours. */
export type GivenOpinion = {
  readonly kind: string
  readonly entity?: string
  readonly pattern?: string
  readonly context: string
  readonly opinion: number
  readonly confidence?: number
  readonly expires?: number
  readonly reason_code?: string
}

/** Text that others may keep: it is the same as long as its tag is. */
export type Kept = { readonly text: string; readonly tag: string }

export interface OwnFeeds {
  /** Throws MatrixError M_FORBIDDEN, M_RESOURCE_LIMIT_EXCEEDED, M_INVALID_PARAM. */
  createFeed(publisher: Publisher, options: NewFeedOptions, description: FeedDescription): Promise<{ feed: string }>
  /** Signs a new manifest. Throws M_NOT_FOUND, M_INVALID_PARAM. */
  describeFeed(publisher: Publisher, feed: string, description: FeedDescription): Promise<void>
  /** Everything is forgotten; who follows the feed sees it no more. Throws M_NOT_FOUND. */
  removeFeed(publisher: Publisher, feed: string): Promise<void>
  /** Feeds with manifest, audience and how much they hold. */
  listOwnFeeds(user: number): Promise<object>
  /** What the feed holds, by ID. Throws M_NOT_FOUND. */
  listOwnOpinions(user: number, feed: string): Promise<object>
  /** Says opinions; one on the same entity and context replaces the one before. Throws as `endOpinions`. */
  sayOpinions(publisher: Publisher, feed: string, opinions: readonly GivenOpinion[]): Promise<Said>
  /**
   * Takes opinions back; `isForgotten`: also out of what was said before. Throws M_NOT_FOUND, M_INVALID_PARAM,
   * M_RESOURCE_LIMIT_EXCEEDED.
   */
  endOpinions(publisher: Publisher, feed: string, ids: readonly string[], isForgotten: boolean): Promise<Said>
  /** Says again what the feed held at a batch, in a new one. Throws as `endOpinions`. */
  rollBack(publisher: Publisher, feed: string, seq: number): Promise<Said>
  /** Who may read a narrow feed from now on: if others may no more, all is sealed anew. Throws as `sayOpinions`. */
  setReaders(publisher: Publisher, feed: string, readers: readonly string[]): Promise<Said>
  /** A new epoch of a sealed feed, with other keys. Throws as `sayOpinions`. */
  renewSealing(publisher: Publisher, feed: string): Promise<Said>
  /**
   * Signs a manifest by which a feed is derived from the feeds of a lens of its owner (null: of none any more); answers
   * them. Throws M_NOT_FOUND, M_INVALID_PARAM.
   */
  deriveFeed(
    publisher: Publisher,
    feed: string,
    lens: string | null,
  ): Promise<{ readonly derived_from: Manifest['derived_from'] }>
  /** Says a block list of another network, whose lines that cannot be read are told. Throws as `sayOpinions`. */
  importList(
    publisher: Publisher,
    feed: string,
    list: { readonly format: BlockListFormat; readonly context: string; readonly text: string },
  ): Promise<Imported>
  /** All feeds of a user who is leaving. */
  forget(user: number): Promise<void>
}

/** The number of the last batch, how many opinions were said, and what was left out. */
export type Imported = {
  readonly seq: number
  readonly said: number
  readonly refused: BlockList['refused']
  readonly refused_count: number
}

/** The number of the batch, and the IDs of what it says in the order given. */
export type Said = { readonly seq: number; readonly ids: readonly string[] }

export interface PublicFeeds {
  listPublicFeeds(): Promise<object>
  /** Throws M_NOT_FOUND, as the others. */
  readManifest(feed: string): Promise<Kept>
  readSnapshot(feed: string): Promise<Kept>
  /** Batches after a number, a page of them. */
  readChanges(feed: string, since: number, limit: number | undefined): Promise<Kept>
  /** Shows that the feed at an older number lies in the feed now. Throws M_INVALID_PARAM for a number it never had. */
  readProof(feed: string, older: number): Promise<Kept>
}

/** Questions on single names, which this server does not learn. */
export interface Lookups {
  /**
   * Rows of a sealed feed whose index begins with some bits, as base64url by prefix; none if `bits` are not those of
   * the answer. Throws M_NOT_FOUND, M_INVALID_PARAM.
   */
  answerRange(feed: string, bits: number | undefined, prefixes: readonly number[]): Promise<object>
  /**
   * The oblivious function of a feed on blinded names. Throws M_NOT_FOUND, M_INVALID_PARAM,
   * M_RESOURCE_LIMIT_EXCEEDED.
   */
  answerBlinded(feed: string, server: string, elements: readonly string[]): Promise<object>
}

/** How servers find out together that a feed says different things to them. */
export interface Gossip {
  /** Takes the heads that another server knows, by key, and answers ours of the same feeds. */
  compareHeads(heads: Readonly<Record<string, unknown>>): Promise<{ readonly heads: object }>
}

/** Narrow feeds, read by their named readers. */
export interface Members {
  /** Batches after a number, for those users of a server who are readers. Throws M_NOT_FOUND if none is. */
  readAsMembers(feed: string, server: string, readers: readonly string[], since: number): Promise<object>
}

export interface News {
  /** Those of the feeds that said more than up to a number; waits until one does, or a while. */
  waitForNews(
    since: Readonly<Record<string, number>>,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<{ readonly changed: readonly string[] }>
}

/** How a followed feed is read: whole, by questions on single names, or as its named readers. */
export type Manner = 'copy' | 'range' | 'members'

/** Why a followed feed is as it is: with anything but `good`, the last good state of it is in force. */
export type SourceHealth = 'good' | 'unreachable' | ReputationErrorKind

export interface Subscriptions {
  /**
   * Follows the feed at an address, whose key is pinned; `key`: the only one to accept; `manner`: whole, if nothing is
   * said. Throws M_INVALID_PARAM, M_RESOURCE_LIMIT_EXCEEDED, RemoteError.
   */
  subscribe(user: number, address: string, key: string | undefined, manner?: Manner): Promise<object>
  /** Throws M_NOT_FOUND. */
  unsubscribe(user: number, source: number): Promise<void>
  /** Feeds that this server follows and that say something of this user, and whom to ask. */
  listAbout(userId: string): Promise<object>
  /** Looks at a followed feed now, and answers what it is like. Throws M_NOT_FOUND. */
  lookNow(user: number, source: number): Promise<object>
  /** What the user follows, with its health. */
  listSubscriptions(user: number): Promise<object>
  forgetSubscriptions(user: number): Promise<void>
  /** Begins to look at followed feeds now and then. */
  resume(): void
  /** Resolves when no look is under way. */
  close(): Promise<void>
}

export type WrittenSubscription = {
  readonly source: number
  /** By context, or `*` for all others. */
  readonly trust: Readonly<Record<string, TrustLevel>>
  readonly mode: SubscriptionMode
  readonly operator?: string
}

/** A lens as its owner writes it. */
export type WrittenLens = {
  readonly subscriptions: readonly WrittenSubscription[]
  /** Own rules, over whatever feeds say. */
  readonly rules?: readonly { readonly kind: string; readonly entity: string; readonly value: 'block' | 'allow' }[]
  readonly action_max?: Action
}
export type TrustLevel = keyof typeof trustLevels

/** `lens`: another than the one chosen. */
export type AskedEntity = {
  readonly kind: string
  readonly entity: string
  readonly context: string
  readonly lens?: string
}

export interface Lenses {
  /** All lenses by name, and the one chosen. */
  listLenses(user: number): Promise<object>
  /** Throws M_INVALID_PARAM, M_RESOURCE_LIMIT_EXCEEDED. */
  putLens(user: number, name: string, lens: WrittenLens): Promise<void>
  /** Throws M_NOT_FOUND. */
  removeLens(user: number, name: string): Promise<void>
  /** null: none. `forMs`: then back to the one before. Throws M_NOT_FOUND. */
  chooseLens(user: number, name: string | null, forMs: number | undefined): Promise<void>
  /** How an entity that the user names looks through the lens, and why. Throws M_NOT_FOUND, M_INVALID_PARAM. */
  explain(user: number, asked: AskedEntity): Promise<object>
  /** What decided a verdict, and why; the answer to an explanation ID. Throws M_NOT_FOUND, M_INVALID_PARAM. */
  explainVerdict(user: number, id: string): Promise<object>
  /**
   * An own rule in the chosen lens; null takes it away. Throws M_NOT_FOUND, M_INVALID_PARAM,
   * M_RESOURCE_LIMIT_EXCEEDED.
   */
  setRule(user: number, rule: GivenRule): Promise<void>
  /** Measures the chosen lens on some items, and another one beside it. Throws M_INVALID_PARAM. */
  survey(user: number, items: readonly NamedItem[], tried?: WrittenLens): Promise<Survey>
  forgetLenses(user: number): Promise<void>
}

export type GivenRule = { readonly kind: string; readonly entity: string; readonly value: 'block' | 'allow' | null }

/** What stands behind something that is looked at: an event, or an invitation (without an event). */
export type SeenItem = { readonly eventId?: string; readonly sender: string; readonly roomId?: string }
export type NamedItem = SeenItem & { readonly eventId: string }

export type Verdict = {
  readonly action: Action
  readonly rule: DecisionRule
  readonly class: ContextClass
  /** In which it was decided. */
  readonly context: string
  readonly explanationId: string
}

export type Survey = {
  /** By event ID, of the chosen lens. */
  readonly verdicts: ReadonlyMap<string, Verdict>
  /** Of the other lens. */
  readonly tried: ReadonlyMap<string, Verdict> | undefined
  readonly metrics: BubbleMetrics
  /** Of the feeds in the metrics, by the names that those have there. */
  readonly names: ReadonlyMap<string, string>
}

export type NamedThing = { readonly kind: EntityKind; readonly id: string }

/** What lenses keep back besides messages; of the reader's lens only if one is given. */
export interface Edges {
  /** Throws M_SAFETY if one of the things is kept back; from the nearest to the farthest. */
  requireSafeThings(things: readonly NamedThing[], reader?: number): Promise<void>
  isKeptBack(things: readonly NamedThing[], reader?: number): Promise<boolean>
  /** Whether it matters what pictures look like. */
  comparesPictures(reader?: number): Promise<boolean>
}

/** What the server itself refuses. */
export interface ServerLens {
  /** `lens`: null if there is none. */
  findServerLens(): Promise<object>
  /** Of feeds that the admin follows. Throws M_INVALID_PARAM. */
  putServerLens(admin: number, lens: WrittenLens, reason?: string): Promise<void>
  removeServerLens(admin: number, reason?: string): Promise<void>
  /** A rule in the server's lens; null takes it away; `admin` 0: the command line. Throws as `putServerLens`. */
  setServerRule(admin: number, rule: GivenRule, reason?: string): Promise<void>
  /** Who changed the lens, how and why, the newest first. */
  listServerLog(below?: number): Promise<object>
  /** Throws M_SAFETY for whom, or where, the server's lens refuses. */
  requireSafe(item: SeenItem): Promise<void>
}

/** What a room's moderators refuse in it. */
export interface RoomLenses {
  /** What the room's state says; undefined or nothing readable: no lens. */
  putRoomLens(room: number, content: Readonly<Record<string, unknown>> | undefined): Promise<void>
  /** From memory, once it was asked for. */
  openRoomLook(room: number): Promise<Look | undefined>
  /** Throws M_SAFETY for whom the room's lens refuses. */
  requireSafeInRoom(room: number, item: SeenItem): Promise<void>
  /** Why the room's lens did that. Throws M_NOT_FOUND, M_INVALID_PARAM. */
  explainInRoom(room: number, asked: { readonly kind: string; readonly entity: string }): Promise<object>
}

/** A lens that is looked through now. */
export interface Look {
  /** Whether anything may be said of single events: if not, all that one user says in a room looks alike. */
  readonly namesEvents: boolean
  /** Whether pictures are named by how they look. */
  readonly namesPictures: boolean
  /** Undefined: nothing follows for the things, the nearest first. */
  judgeEntities(entities: readonly EntityKey[]): Promise<Verdict | undefined>
  /** Undefined: nothing follows for the item. */
  judge(item: SeenItem): Promise<Verdict | undefined>
}

/** How things look to users: nothing is asked of anybody, and who has no lens pays nothing. */
export interface Sights {
  /** From memory, once it was asked for. */
  hasLens(user: number): Promise<boolean>
  /** Undefined: the user looks through no lens. */
  openLook(user: number): Promise<Look | undefined>
  judgeOne(user: number, item: SeenItem): Promise<Verdict | undefined>
}

export interface Views {
  /** Who is told, one after another, of users whose placeholders may be others now. */
  onViews(listener: (user: number) => Promise<void>): void
}

export type Reputation = RoomLenses &
  OwnFeeds &
  PublicFeeds &
  Lookups &
  Gossip &
  Members &
  News &
  Views &
  Subscriptions &
  Lenses &
  Sights &
  ServerLens &
  Edges
