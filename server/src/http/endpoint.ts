/**
 * One declaration per endpoint: it feeds the router, validation, rate limits, metrics, docs and the comparison with
 * the spec.
 */

import type { DeviceId, JsonObject, ServerName, UserId } from '@parallax/protocol'
import type { Static, TSchema } from 'typebox'
import type { Components } from './components.ts'
import type { Reply } from './reply.ts'

/**
 * Who may call: `user` needs an access token, `optional-user` takes one, `server` a signed request, `admin` an
 * admin's token. `any-server`: anyone, but only while federation is on.
 */
export type AuthKind =
  | 'none'
  | 'user'
  | 'optional-user'
  | 'user-or-guest'
  | 'server'
  | 'any-server'
  | 'admin'
  | 'appservice'

/** Buckets of the rate limits; sizes are in the config. */
export type LimitClass =
  | 'default'
  | 'send'
  | 'sync'
  | 'login'
  | 'register'
  | 'join'
  | 'invite'
  | 'keys'
  | 'media'
  | 'federation'
  | 'none'

/** The user and device behind an access token. */
export type Caller = {
  readonly userId: UserId
  /** Interned number of the user. */
  readonly user: number
  /** Undefined for application services acting without a device. */
  readonly deviceId: DeviceId | undefined
  readonly isAdmin: boolean
  readonly isGuest: boolean
  /** True: may read and leave, but not speak. */
  readonly isSuspended: boolean
  /** Hash of the access token, hex: names the session. */
  readonly session: string
}

/** The server that signed a request, and which of our domains it asks. */
export type CallingServer = { readonly origin: ServerName; readonly destination: ServerName }

export type Method = 'GET' | 'PUT' | 'POST' | 'DELETE'

export type EndpointDeclaration = {
  readonly method: Method
  /**
   * Full literal path, parameters in braces: `/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}`. `/v3/`
   * also answers `/r0/`.
   */
  readonly path: string
  readonly auth: AuthKind
  readonly limit: LimitClass
  /**
   * Each schema is of an object; unknown fields are ignored. Absent: any (query), any JSON object (body of PUT and
   * POST).
   */
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  readonly reply?: TSchema
  /**
   * Page and anchor of the specification, `client-server#get_matrixclientv3sync`, or a proposal `msc3814#…`, or
   * `parallax#…` for our own.
   */
  readonly spec: string
  /** More paths that answer the same (older or unstable prefixes). */
  readonly aliases?: readonly string[]
  /** A body that is not JSON is handed over as bytes (`bodyBytes`) up to this many. */
  readonly bodyBytesMax?: number
  /** True: the body is a file; it is handed over as it comes (`incoming`), and whoever takes it bounds it. */
  readonly isFile?: boolean
  /** True: users whose accounts are locked may call too. */
  readonly isLockedAllowed?: boolean
  /** True: users whose accounts are suspended may not call. */
  readonly isRefusedToSuspended?: boolean
  /** True: an absent or empty body counts as `{}`. */
  readonly emptyBodyAllowed?: boolean
}

/** A body that is not read yet. */
export type IncomingFile = {
  /** Its length, if the client says it. */
  readonly announced: number | undefined
  readonly chunks: AsyncIterable<Uint8Array>
}

type StaticOr<S, Otherwise> = S extends TSchema ? Static<S> : Otherwise

/** One request as a handler sees it. */
export type Call<D extends EndpointDeclaration> = {
  readonly caller: D['auth'] extends 'user' | 'user-or-guest' | 'admin' ? Caller : Caller | undefined
  readonly server: D['auth'] extends 'server' ? CallingServer : CallingServer | undefined
  readonly params: StaticOr<D['params'], Record<string, string>>
  readonly query: StaticOr<D['query'], Record<string, string | string[]>>
  readonly body: StaticOr<D['body'], JsonObject>
  /** The body as it came, where the declaration has `bodyBytesMax`; `body` is then empty. */
  readonly bodyBytes: Uint8Array | undefined
  /** The body as it comes in, where the declaration says `isFile`; `body` is then empty. */
  readonly incoming: IncomingFile
  /** Address of the client, after trusted proxies. */
  readonly ip: string
  readonly userAgent: string | undefined
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal
}

/**
 * What a handler answers: an object to be written as JSON, or a `Reply` (text spliced from stored JSON, status,
 * headers).
 */
export type Answer = object | Reply

export type Endpoint = {
  readonly declaration: EndpointDeclaration
  readonly handle: (components: Components, call: Call<EndpointDeclaration>) => Promise<Answer> | Answer
}

/** Declares an endpoint; the handler has at most ten lines and one component call. */
export function endpoint<const D extends EndpointDeclaration>(
  declaration: D,
  handle: (components: Components, call: Call<D>) => Promise<Answer> | Answer,
): Endpoint {
  return { declaration, handle: handle as Endpoint['handle'] }
}
