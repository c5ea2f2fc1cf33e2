/** What the users component needs. */

import type { JsonObject, ServerName } from '@parallax/protocol'
import type { Clock, Logger } from '../base/index.ts'
import type { Journal } from '../journal/index.ts'
import type { Mail } from '../mail/index.ts'
import type { Names, Store } from '../store/index.ts'
import type { PasswordPolicy } from './password-policy.ts'

export type UsersConfig = {
  /** Domain of new accounts that name none. */
  readonly serverName: ServerName
  /** Domains that a new account may name. Default: that one. */
  readonly isLocal?: ((server: ServerName) => boolean) | undefined
  /** `open`: anyone; `token`: who has a registration token; `closed`: nobody. */
  readonly registration: 'open' | 'token' | 'closed'
  /** A localpart that nobody can register: the one that sends notices. */
  readonly reservedName?: string | undefined
  /** Whether new users give an e-mail address. */
  readonly registrationEmail?: 'off' | 'optional' | 'required' | undefined
  /** Enables registration by shared secret. */
  readonly registrationSecret?: string | undefined
  /** `policies` of the stage `m.login.terms`; absent: no such stage. */
  readonly termsPolicies?: JsonObject | undefined
  readonly isGuestAllowed?: boolean | undefined
  /** Enables `/login/get_token` and `m.login.token`. */
  readonly isLoginTokenAllowed?: boolean | undefined
  /** Lifetime of access tokens of clients that know refresh tokens. Default 5 minutes. */
  readonly accessTokenLifetimeMs?: number | undefined
  /** Default: they do not expire. */
  readonly refreshTokenLifetimeMs?: number | undefined
  /** Cost of a password hash (argon2id). Defaults: 19,456 KiB and 2 passes. */
  readonly passwordMemoryKib?: number | undefined
  readonly passwordPasses?: number | undefined
  /** What users may choose as passwords. Default: anything. */
  readonly passwordPolicy?: PasswordPolicy | undefined
  /** Origins of push gateways that need no TLS. Default: none. */
  readonly httpGateways?: readonly string[] | undefined
  /** Failed logins are answered with M_LIMIT_EXCEEDED after a while. Default true. */
  readonly isRateLimited?: boolean | undefined
}

export type UsersDeps = {
  readonly store: Store
  readonly names: Names
  readonly journal: Journal
  readonly clock: Clock
  readonly logger: Logger
  readonly mail: Mail
  /** URLs of pages of this server. */
  readonly links: { readonly confirmEmail: (query: Record<string, string>) => string }
  /** Throws MatrixError M_SAFETY for domains of addresses that the server's lens keeps out. */
  readonly requireSafe: (thing: { readonly kind: 'domain'; readonly id: string }) => Promise<void>
  /** Cryptographically random bytes. */
  readonly randomBytes: (length: number) => Uint8Array
  readonly config: UsersConfig
}
