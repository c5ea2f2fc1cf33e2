/** What the parts of the users component share. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { createKeyedQueue, type KeyedQueue } from '../base/index.ts'
import { StoreError } from '../store/index.ts'
import { type AccountRow, findAccount } from './account-table.ts'
import { CallerCache } from './caller-cache.ts'
import { userLimits } from './limits.ts'
import { createLoginFailures, type LoginFailures } from './login-failures.ts'
import { createPasswords, type Passwords } from './password.ts'
import type { PasswordPolicy } from './password-policy.ts'
import type { UsersDeps } from './users-deps.ts'

export type UserContext = UsersDeps & {
  readonly passwords: Passwords
  readonly policy: PasswordPolicy
  readonly callers: CallerCache
  readonly failures: LoginFailures
  /** One turn per user for what is read, changed and written. */
  readonly turns: KeyedQueue<number>
  readonly tokenLifetimeMs: number
}

export function createContext(deps: UsersDeps): UserContext {
  const { config } = deps
  return {
    ...deps,
    passwords: createPasswords({ memoryKib: config.passwordMemoryKib ?? 19_456, passes: config.passwordPasses ?? 2 }),
    policy: config.passwordPolicy ?? { lengthMin: 1, required: [] },
    callers: new CallerCache(),
    failures: createLoginFailures(deps.clock, config.isRateLimited ?? true),
    turns: createKeyedQueue<number>(),
    tokenLifetimeMs: config.accessTokenLifetimeMs ?? userLimits.accessTokenLifetimeMs,
  }
}

export type KnownUser = { readonly userId: UserId; readonly row: AccountRow }

/** The account of a user ID, whatever its state. */
export async function findKnownUser(context: UserContext, userId: UserId): Promise<KnownUser | undefined> {
  const [user] = await context.names.find([userId])
  const row = user === undefined ? undefined : await findAccount(context.store.reader, user)
  return row && { userId, row }
}

/** The user that somebody means who writes a user ID or a localpart, as such or in small letters. */
export async function findMeantUser(context: UserContext, text: string): Promise<KnownUser | undefined> {
  const userId = (text.startsWith('@') ? text : `@${text}:${context.config.serverName}`) as UserId
  const found = await findKnownUser(context, userId)
  if (found !== undefined) return found
  const localpart = userId.slice(1).split(':', 1)[0]!.toLowerCase()
  return findKnownUser(context, `@${localpart}:${serverNameOf(userId)}` as UserId)
}

/** True for an error of the store that says: this exists already, or no longer. */
export function isStoreError(error: unknown, kind: 'unique' | 'conflict'): boolean {
  return error instanceof StoreError && error.kind === kind
}
