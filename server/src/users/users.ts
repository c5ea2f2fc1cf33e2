/**
 * The users component as others see it: accounts, sessions, profiles, account data, filters and push rules of local
 * users. `user` and `room` are interned numbers; positions are those of the journal.
 */

import type {
  DeviceId,
  JsonObject,
  JsonValue,
  PushAction,
  PushRule,
  PushRuleKind,
  PushRulePlace,
  PushRuleset,
  RoomId,
  UserId,
} from '@parallax/protocol'
import type { Position } from '../journal/index.ts'
import type { Writer } from '../store/index.ts'
import type { InviteRules } from './invite-rules.ts'
import type { PusherRow } from './pusher-table.ts'
import type { ThreadRow } from './thread-table.ts'
import type { BindingRow } from './threepids/binding-table.ts'
import type { ThreePidRow } from './threepids/threepid-table.ts'

/** The user and device behind an access token. */
export type Caller = {
  readonly userId: UserId
  readonly user: number
  readonly deviceId: DeviceId | undefined
  readonly isAdmin: boolean
  readonly isGuest: boolean
  /** True: may read and leave, but not speak. Spec: client-server-api#account-suspension. */
  readonly isSuspended: boolean
  /** Hash of the access token, hex. */
  readonly session: string
}

export type CallerAnswer =
  | { readonly caller: Caller }
  | { readonly refused: 'unknown' | 'expired' | 'deactivated' }
  /** Whose account is locked may log out and nothing else. */
  | { readonly refused: 'locked'; readonly caller: Caller }

export type AccountState = 'active' | 'locked' | 'suspended' | 'deactivated'

export type Account = {
  readonly user: number
  readonly userId: UserId
  readonly isAdmin: boolean
  readonly isGuest: boolean
  readonly hasPassword: boolean
  readonly state: AccountState
  readonly createdMs: number
}

/** What a client gets that is logged in now. */
export type OpenedSession = {
  readonly userId: UserId
  readonly deviceId: DeviceId
  readonly accessToken: string
  readonly refreshToken: string | undefined
  readonly expiresInMs: number | undefined
}

/** Either the work is done, or the client must authenticate: `challenge` is the body of the 401 reply. */
export type Authenticated<T> = { readonly done: T } | { readonly challenge: JsonObject }

export type RegisterRequest = {
  readonly kind: 'user' | 'guest'
  readonly username: string | undefined
  readonly password: string | undefined
  readonly deviceId: string | undefined
  readonly deviceName: string | undefined
  readonly isLoginInhibited: boolean
  readonly wantsRefreshToken: boolean
  readonly auth: JsonObject | undefined
  readonly ip: string
}

export type LoginRequest = {
  readonly type: string
  readonly identifier: JsonObject | undefined
  /** Deprecated twin of `identifier`. */
  readonly user: string | undefined
  readonly password: string | undefined
  readonly token: string | undefined
  readonly deviceId: string | undefined
  readonly deviceName: string | undefined
  readonly wantsRefreshToken: boolean
  readonly ip: string
}

export type NewAccount = {
  readonly localpart: string
  readonly password: string | undefined
  readonly isAdmin?: boolean
  readonly displayName?: string | undefined
}

export interface Accounts {
  findAccount(userId: UserId): Promise<Account | undefined>
  /** Those of these users who are guests of this server. */
  listGuests(users: readonly number[]): Promise<number[]>
  /** Throws MatrixError M_USER_IN_USE or M_INVALID_USERNAME; answers the user ID that the name would have. */
  requireAvailable(username: string): Promise<UserId>
  /** Makes an account without asking anyone; throws as `requireAvailable`. */
  createAccount(account: NewAccount): Promise<Account>
  /** True as soon as there is one account that can log in. */
  hasAccounts(): Promise<boolean>
  setPassword(user: number, password: string): Promise<void>
  setAdmin(user: number, isAdmin: boolean): Promise<void>
  setState(user: number, state: AccountState): Promise<void>
  /** Takes password, tokens, profile, account data, filters and push rules away; the ID stays taken. */
  removeAccount(user: number): Promise<void>
  /** A token for one registration of an admin while there is no account; forgets earlier ones. */
  createSetupToken(): Promise<string>
  /** Makes the admin account and uses the token up; throws M_FORBIDDEN. */
  useSetupToken(token: string, account: NewAccount): Promise<Account>
  /** A token that lets `usesMax` users register until `expiresMs`. */
  createRegistrationToken(options?: RegistrationTokenOptions): Promise<string>
  isRegistrationTokenValid(token: string): Promise<boolean>
  /** A nonce for `registerWithSecret`, valid for a minute; throws M_UNRECOGNIZED if there is no secret. */
  createNonce(): string
  /** As Synapse's `/_synapse/admin/v1/register`; throws M_UNRECOGNIZED, M_FORBIDDEN and as `requireAvailable`. */
  registerWithSecret(request: SecretRequest): Promise<OpenedSession>
}

export type RegistrationTokenOptions = { token?: string; usesMax?: number; expiresMs?: number }

export type SecretRequest = {
  readonly nonce: string
  readonly username: string
  readonly password: string
  readonly isAdmin: boolean
  readonly userType: string | undefined
  readonly displayName: string | undefined
  /** HMAC-SHA1, hex. */
  readonly mac: string
}

/** A device that is logged in. */
export type SessionRow = {
  readonly deviceId: DeviceId
  readonly displayName: string | null
  /** Undefined: never seen. */
  readonly lastSeenMs: number | undefined
  readonly lastSeenIp: string | undefined
  readonly lastSeenAgent: string | undefined
}

export interface Sessions {
  /** Who an access token belongs to; from memory when it was asked for before. */
  findCaller(accessToken: string): Promise<CallerAnswer>
  /** Notes that the caller was here; written in batches. */
  noteSeen(caller: Caller, ip: string, userAgent: string | undefined): void
  register(request: RegisterRequest): Promise<Authenticated<OpenedSession | UserId>>
  logIn(request: LoginRequest): Promise<OpenedSession>
  /** A token for `m.login.token`; throws M_UNRECOGNIZED if the config does not allow that. */
  createLoginToken(caller: Caller, auth: JsonObject | undefined): Promise<Authenticated<LoginToken>>
  /** What passwords users may choose: as msc2000 says it. */
  readonly passwordPolicy: JsonObject
  /** Throws MatrixError M_WEAK_PASSWORD. */
  checkPassword(password: string): void
  /** Bodies of the flows that `/login` offers. */
  readonly loginFlows: readonly JsonObject[]
  /** Throws MatrixError M_UNKNOWN_TOKEN. */
  refresh(refreshToken: string): Promise<OpenedSession>
  listSessions(user: number): Promise<SessionRow[]>
  /** Devices that are logged in, by user; users without any are left out. */
  listDeviceIds(users: readonly number[]): Promise<ReadonlyMap<number, readonly DeviceId[]>>
  findSession(user: number, deviceId: DeviceId): Promise<SessionRow | undefined>
  /** With the transaction: the devices are logged out, no more. `Devices.removeDevices` removes what is theirs. */
  endSessions(tx: Writer, user: number, devices: readonly DeviceId[]): void
  renameSession(tx: Writer, user: number, device: DeviceId, displayName: string | null): void
  /** Asks the user for the password, once per `operation`; undefined: passed. */
  authenticate(caller: Caller, operation: string, auth: JsonObject | undefined): Promise<JsonObject | undefined>
  /** Writes what `noteSeen` collected; for an orderly stop. */
  flush(): Promise<void>
}

export type LoginToken = { readonly token: string; readonly expiresInMs: number }

export interface Profiles {
  /** All fields; undefined: no such user here. From memory where it can be. */
  findProfile(userId: UserId): Promise<JsonObject | undefined>
  /** Sets a field, or removes it (undefined). Throws M_KEY_TOO_LARGE, M_PROFILE_TOO_LARGE, M_INVALID_PARAM. */
  setProfileField(user: number, field: string, value: JsonValue | undefined): Promise<void>
}

/** Content as JSON text. */
export type AccountDataRow = {
  readonly type: string
  readonly content: string
  readonly position: Position
}

export interface AccountData {
  /** Content of this type as JSON text; room null: global. Push rules are found as `m.push_rules`. */
  findAccountData(user: number, room: number | null, type: string): Promise<string | undefined>
  /** Throws M_BAD_JSON (405) for types that the server manages, M_TOO_LARGE. */
  putAccountData(user: number, room: number | null, type: string, content: JsonObject): Promise<void>
  /** As `putAccountData`, for types that the server manages (m.fully_read), in a transaction. Answers the position. */
  writeAccountData(tx: Writer, user: number, room: number | null, type: string, content: string): Position
  /** Global account data with a position in (after, upTo], push rules among them; after 0: all. */
  listAccountData(user: number, after: Position, upTo: Position): Promise<AccountDataRow[]>
  /** Account data of rooms by room, positions in (after, upTo]. */
  listRoomAccountData(user: number, after: Position, upTo: Position): Promise<ReadonlyMap<number, AccountDataRow[]>>
  /** Users whom this user ignores; from memory when asked before. */
  listIgnored(user: number): Promise<ReadonlySet<UserId>>
  /** Whose invitations the user takes; from memory when asked before. */
  findInviteRules(user: number): Promise<InviteRules>
  /** Reads, changes and writes room tags: one turn per user. */
  setTag(user: number, room: number, tag: string, value: JsonObject | undefined): Promise<void>
}

export interface Filters {
  /** Answers the filter's ID; the same filter has the same ID. Throws M_BAD_JSON, M_TOO_LARGE. */
  createFilter(user: number, filter: JsonObject): Promise<string>
  /** As it was given; one object per filter, so that what is compiled from it can be kept in a WeakMap. */
  findFilter(user: number, filterId: string): Promise<JsonObject | undefined>
}

export interface PushRules {
  /** The whole ruleset, one object until it changes: what is compiled from it can be kept in a WeakMap. */
  findRuleset(user: number): Promise<PushRuleset>
  findPushRule(user: number, kind: PushRuleKind, ruleId: string): Promise<PushRule | undefined>
  /** Throws MatrixError M_INVALID_PARAM, M_NOT_FOUND. */
  putPushRule(user: number, kind: PushRuleKind, ruleId: string, body: JsonObject, place: PushRulePlace): Promise<void>
  /** Throws MatrixError M_NOT_FOUND. */
  removePushRule(user: number, kind: PushRuleKind, ruleId: string): Promise<void>
  changePushRule(
    user: number,
    kind: PushRuleKind,
    ruleId: string,
    change: { enabled?: boolean; actions?: PushAction[] },
  ): Promise<void>
  /** The rule for the old room, if there is one, holds for the new one too. */
  copyRoomRule(user: number, from: RoomId, to: RoomId): Promise<void>
}

export type { InviteRules } from './invite-rules.ts'
export type { PusherRow } from './pusher-table.ts'

/** A pusher as `POST /pushers/set` brings it. */
export type PusherRequest = {
  readonly app_id: string
  readonly pushkey: string
  readonly kind: string
  readonly app_display_name: string
  readonly device_display_name: string
  readonly profile_tag?: string
  readonly lang: string
  readonly data: JsonObject
  readonly append?: boolean
}

export interface Pushers {
  /** In order of application and key. */
  listPushers(user: number): Promise<PusherRow[]>
  /** Sets or replaces the pusher of this application and key. Throws M_INVALID_PARAM, M_TOO_LARGE, M_LIMIT_EXCEEDED. */
  setPusher(user: number, device: DeviceId, request: PusherRequest): Promise<void>
  removePusher(user: number, appId: string, pushKey: string): Promise<void>
}

export type EmailPurpose = 'add' | 'register' | 'password'

export type EmailRequest = {
  readonly email: string
  readonly clientSecret: string
  readonly sendAttempt: number
  readonly nextLink: string | undefined
}

export interface ThreePids {
  listThreePids(user: number): Promise<ThreePidRow[]>
  /**
   * Sends a letter with a link. Who asks does not learn whether the address has an account. Throws M_INVALID_PARAM,
   * M_LIMIT_EXCEEDED, M_THREEPID_MEDIUM_NOT_SUPPORTED; M_UNKNOWN if the letter could not be sent.
   */
  requestEmailToken(purpose: EmailPurpose, request: EmailRequest): Promise<{ sid: string }>
  /** What the link of a letter would confirm. Throws M_THREEPID_AUTH_FAILED. */
  requireEmailPurpose(
    credentials: { readonly sid: string; readonly clientSecret: string },
    token: string,
  ): Promise<EmailPurpose>
  /** What the link of a letter does. Throws M_THREEPID_AUTH_FAILED. */
  confirmEmail(
    credentials: { readonly sid: string; readonly clientSecret: string },
    token: string,
  ): Promise<{ nextLink: string | undefined }>
  /** Adds a confirmed address. Throws M_THREEPID_AUTH_FAILED, M_THREEPID_IN_USE. */
  addThreePid(
    caller: Caller,
    credentials: { readonly sid: string; readonly clientSecret: string },
    auth: JsonObject | undefined,
  ): Promise<Authenticated<undefined>>
  removeThreePid(user: number, medium: string, address: string): Promise<void>
  /** Addresses of the user that identity servers were told of. */
  listBindings(user: number): Promise<BindingRow[]>
  keepBinding(user: number, binding: BindingRow): Promise<void>
  removeBinding(user: number, binding: BindingRow): Promise<void>
  /**
   * For who forgot it: the number of the user whose address is confirmed. Throws M_THREEPID_AUTH_FAILED,
   * M_WEAK_PASSWORD, M_INVALID_PARAM.
   */
  resetPassword(password: string, auth: JsonObject | undefined): Promise<Authenticated<number>>
}

/** Threads that users follow. */
export interface Threads {
  /** Undefined: never followed, never left. */
  findThread(user: number, room: number, root: string): Promise<ThreadRow | undefined>
  /** With a position in (after, upTo], newest first. */
  listThreads(
    user: number,
    range: { readonly after: number; readonly upTo: number; readonly limit: number },
  ): Promise<ThreadRow[]>
  /**
   * `cause`: place in the timeline of the event for which a client does it. Throws M_TOO_LARGE,
   * IO.ELEMENT.MSC4306.M_CONFLICTING_UNSUBSCRIPTION if the user left the thread after it.
   */
  followThread(
    user: number,
    thread: { readonly room: number; readonly root: string; readonly cause: number | undefined },
  ): Promise<void>
  leaveThread(user: number, thread: { readonly room: number; readonly root: string }): Promise<void>
}

export interface OpenId {
  createOpenIdToken(caller: Caller): Promise<{ token: string; serverName: string; expiresInMs: number }>
  /** Who made the token. Throws M_UNKNOWN_TOKEN. */
  requireOpenIdUser(token: string): Promise<UserId>
}

export type Users = Accounts &
  Sessions &
  Profiles &
  AccountData &
  Filters &
  PushRules &
  Pushers &
  OpenId &
  ThreePids &
  Threads
