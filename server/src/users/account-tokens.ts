/** Tokens that let somebody make an account: the first admin's, and those given to people who may register. */

import { MatrixError } from '../base/index.ts'
import { addAccount, requireAvailable } from './accounts.ts'
import { userLimits } from './limits.ts'
import { hashToken, newToken } from './token.ts'
import { hasSetupToken, insertRegistrationToken, replaceSetupToken, requireSetupToken } from './token-table.ts'
import { isStoreError, type UserContext } from './user-context.ts'
import type { Account, NewAccount, RegistrationTokenOptions } from './users.ts'

/** A token for the first account; earlier ones are forgotten. */
export async function createSetupToken({ store, clock, randomBytes }: UserContext): Promise<string> {
  const token = newToken(randomBytes, 'setup')
  await store.transact((tx) => replaceSetupToken(tx, hashToken(token), clock.nowMs()))
  return token
}

/** Makes the admin account and uses the token up; throws M_FORBIDDEN. */
export async function useSetupToken(context: UserContext, token: string, draft: NewAccount): Promise<Account> {
  const tokenHash = hashToken(token)
  const madeAfterMs = context.clock.nowMs() - userLimits.setupTokenLifetimeMs
  if (!(await hasSetupToken(context.store.reader, tokenHash, madeAfterMs))) throw usedUp()
  const { localpart, ...rest } = draft
  const userId = await requireAvailable(context, localpart)
  try {
    return await addAccount(context, { ...rest, userId, isAdmin: true }, (tx, account) => {
      requireSetupToken(tx, tokenHash)
      return account
    })
  } catch (error) {
    if (isStoreError(error, 'conflict')) throw usedUp()
    throw error
  }
}

function usedUp(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'This token is not known, was used already, or is too old.')
}

const tokenForm = /^[A-Za-z0-9._~-]+$/

/** Throws M_INVALID_PARAM for a token that is taken or not of the spec's form. */
export async function createRegistrationToken(
  { store, randomBytes }: UserContext,
  options: RegistrationTokenOptions = {},
): Promise<string> {
  const token = options.token ?? newToken(randomBytes, 'invite')
  if (!tokenForm.test(token) || token.length > userLimits.registrationTokenCharsMax) {
    throw new MatrixError('M_INVALID_PARAM', 'A registration token has up to 64 of the characters A-Z a-z 0-9 . _ ~ -')
  }
  try {
    await store.transact((tx) => insertRegistrationToken(tx, token, options.usesMax ?? null, options.expiresMs ?? null))
  } catch (error) {
    if (isStoreError(error, 'unique')) throw new MatrixError('M_INVALID_PARAM', 'This registration token exists.')
    throw error
  }
  return token
}
