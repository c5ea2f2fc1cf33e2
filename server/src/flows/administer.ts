/** What an administrator does from the command line, or with the link of the first start. */

import { isValidNewLocalpart, parseUserId, type UserId } from '@parallax/protocol'
import { type Clock, MatrixError } from '../base/index.ts'
import type { GivenRule, Reputation } from '../reputation/index.ts'
import type { Account, NewAccount, Users } from '../users/index.ts'

export type AdministrationDeps = {
  readonly users: Users
  readonly reputation: Pick<Reputation, 'findServerLens' | 'setServerRule' | 'listServerLog'>
  readonly clock: Clock
  readonly serverName: string
  readonly baseUrl: () => string
}

export interface Administration {
  /** Makes an account; throws M_USER_IN_USE or M_INVALID_USERNAME. */
  createAccount(account: NewAccount): Promise<UserId>
  /** `name` is a user ID or a localpart; throws M_NOT_FOUND. */
  resetPassword(name: string, password: string): Promise<UserId>
  setAdmin(name: string, isAdmin: boolean): Promise<UserId>
  /** A token with which so many people can register until then; throws M_INVALID_PARAM. */
  createInvite(usesMax: number, lifetimeMs: number): Promise<string>
  /** A rule in the lens of the server; throws M_INVALID_PARAM, M_RESOURCE_LIMIT_EXCEEDED. */
  setServerRule(rule: GivenRule, reason: string): Promise<void>
  /** JSON. */
  showServerLens(): Promise<string>
  showServerLog(): Promise<string>
  /** A new link to make the first account; earlier ones stop working. Undefined if there is an account. */
  createSetupLink(): Promise<string | undefined>
  /** Makes the first account with the token of a link; throws M_FORBIDDEN if it is not valid. */
  useSetupLink(token: string, name: string, password: string): Promise<UserId>
}

/** Who acts there is no user. */
const COMMAND_LINE = 0

export function createAdministration(deps: AdministrationDeps): Administration {
  const { users, reputation } = deps
  return {
    createAccount: async (account) => (await users.createAccount(account)).userId,
    async resetPassword(name, password) {
      const account = await requireAccount(deps, name)
      await users.setPassword(account.user, password)
      return account.userId
    },
    async setAdmin(name, isAdmin) {
      const account = await requireAccount(deps, name)
      await users.setAdmin(account.user, isAdmin)
      return account.userId
    },
    createInvite: (usesMax, lifetimeMs) =>
      users.createRegistrationToken({ usesMax, expiresMs: deps.clock.nowMs() + lifetimeMs }),
    setServerRule: (rule, reason) => reputation.setServerRule(COMMAND_LINE, rule, reason),
    showServerLens: async () => JSON.stringify(await reputation.findServerLens(), undefined, 2),
    showServerLog: async () => JSON.stringify(await reputation.listServerLog(), undefined, 2),
    async createSetupLink() {
      if (await users.hasAccounts()) return undefined
      const token = await users.createSetupToken()
      return `${deps.baseUrl()}/_parallax/setup?token=${encodeURIComponent(token)}`
    },
    async useSetupLink(token, name, password) {
      const localpart = name.trim().toLowerCase()
      if (!isValidNewLocalpart(localpart)) {
        throw new MatrixError('M_INVALID_USERNAME', 'A name has the letters a-z, digits, and . _ = - / + only.')
      }
      return (await users.useSetupToken(token, { localpart, password })).userId
    },
  }
}

async function requireAccount({ users, serverName }: AdministrationDeps, name: string): Promise<Account> {
  const account = await users.findAccount(parseUserId(name.startsWith('@') ? name : `@${name}:${serverName}`))
  if (account === undefined) throw new MatrixError('M_NOT_FOUND', `There is no account ${name} here.`)
  return account
}
