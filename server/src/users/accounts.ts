/** Accounts: making, changing, removing. */

import { isValidNewLocalpart, ProtocolError, parseNewUserId, type ServerName, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Writer } from '../store/index.ts'
import { type AccountRow, insertAccount, updateAdmin, updatePassword, updateState } from './account-table.ts'
import { insertProfileField } from './profile-table.ts'
import { findKnownUser, isStoreError, type UserContext } from './user-context.ts'
import type { Account, AccountState, NewAccount } from './users.ts'

/** The account of a user ID, whatever its state. */
export async function findAccountOf(context: UserContext, userId: UserId): Promise<Account | undefined> {
  const known = await findKnownUser(context, userId)
  return known && toAccount(known.userId, known.row)
}

function toAccount(userId: UserId, row: AccountRow): Account {
  const { user, isAdmin, isGuest, state, createdMs } = row
  return { user, userId, isAdmin, isGuest, hasPassword: row.passwordHash !== null, state, createdMs }
}

/** The user ID that a new user of this name would have. Throws M_INVALID_USERNAME, M_USER_IN_USE, M_EXCLUSIVE. */
export async function requireAvailable(context: UserContext, username: string): Promise<UserId> {
  const userId = parseUsername(context, username)
  if (localpartOf(userId) === context.config.reservedName) {
    throw new MatrixError('M_EXCLUSIVE', 'This user name is kept for the server itself.')
  }
  return requireFree(context, userId)
}

async function requireFree(context: UserContext, userId: UserId): Promise<UserId> {
  if ((await findKnownUser(context, userId)) !== undefined) throw inUse()
  return userId
}

/** Of a localpart, or of the whole user ID that a client may give instead, in any domain of ours. */
function parseUsername(context: UserContext, username: string): UserId {
  const { serverName, isLocal = (server) => server === serverName } = context.config
  const [, name = username, domain = serverName] = /^@([^:]*):(.+)$/s.exec(username) ?? []
  const localpart = name.toLowerCase()
  if (!isValidNewLocalpart(localpart)) {
    throw new MatrixError('M_INVALID_USERNAME', 'A user name has the characters a-z 0-9 . _ = / + - only.')
  }
  if (!isLocal(domain as ServerName)) {
    throw new MatrixError('M_INVALID_USERNAME', 'Accounts of that domain are not made here.')
  }
  try {
    return parseNewUserId(`@${localpart}:${domain}`)
  } catch (error) {
    if (error instanceof ProtocolError) throw new MatrixError('M_INVALID_USERNAME', `${error.message}.`)
    throw error
  }
}

function localpartOf(userId: UserId): string {
  return userId.slice(1, userId.indexOf(':'))
}

function inUse(): MatrixError {
  return new MatrixError('M_USER_IN_USE', 'This user name is taken.')
}

export type AccountDraft = Omit<NewAccount, 'localpart'> & { readonly userId: UserId; readonly isGuest?: boolean }

/** Makes the account; `more` adds to the transaction. Throws M_USER_IN_USE if somebody was faster. */
export async function addAccount<T>(
  context: UserContext,
  draft: AccountDraft,
  more: (tx: Writer, account: Account) => T,
): Promise<T> {
  const { store, names, clock, journal } = context
  const passwordHash = draft.password === undefined ? null : await context.passwords.hash(draft.password)
  const [user] = (await names.intern([draft.userId])) as [number]
  const row: AccountRow = {
    user,
    passwordHash,
    isAdmin: draft.isAdmin ?? false,
    isGuest: draft.isGuest ?? false,
    state: 'active',
    createdMs: clock.nowMs(),
  }
  try {
    return await store.transact((tx) => {
      insertAccount(tx, row)
      if (draft.displayName !== undefined) {
        const position = journal.append(tx, { kind: 'profile', user })
        insertProfileField(tx, { user, field: 'displayname', value: JSON.stringify(draft.displayName), position })
      }
      return more(tx, toAccount(draft.userId, row))
    })
  } catch (error) {
    if (isStoreError(error, 'unique') && (await findKnownUser(context, draft.userId)) !== undefined) throw inUse()
    throw error
  }
}

/** Makes an account without asking anyone; one without a password may have the name that is kept for the server. */
export async function createAccount(context: UserContext, { localpart, ...rest }: NewAccount): Promise<Account> {
  const isOfServer = rest.password === undefined
  const userId = isOfServer
    ? await requireFree(context, parseUsername(context, localpart))
    : await requireAvailable(context, localpart)
  return addAccount(context, { ...rest, userId }, (_tx, account) => account)
}

/** Throws M_WEAK_PASSWORD, M_INVALID_PARAM. */
export async function setPassword(context: UserContext, user: number, password: string): Promise<void> {
  const passwordHash = await context.passwords.hash(password)
  await context.store.transact((tx) => updatePassword(tx, user, passwordHash))
}

export async function setAdmin(context: UserContext, user: number, isAdmin: boolean): Promise<void> {
  await context.store.transact((tx) => {
    updateAdmin(tx, user, isAdmin)
    tx.onCommitted(() => context.callers.forget(user))
  })
}

export async function setState(context: UserContext, user: number, state: AccountState): Promise<void> {
  await context.store.transact((tx) => {
    updateState(tx, user, state)
    if (state === 'locked' || state === 'deactivated') {
      const locked = state === 'locked' ? ({ locked: true } as const) : {}
      context.journal.append(tx, { kind: 'session-ended', user, device: null, ...locked })
    }
    // Pushers rest while an account is locked.
    context.journal.append(tx, { kind: 'pusher', user })
    tx.onCommitted(() => context.callers.forget(user))
  })
}
