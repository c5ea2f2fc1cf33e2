/** Asks a user who is logged in for the password before something weighty is done. */

import { isJsonObject, type JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { findAccount } from './account-table.ts'
import { authenticate, meantUserOf, type StageOutcome } from './authentication.ts'
import { findUserByAddress } from './threepids/find-by-address.ts'
import { findMeantUser, type UserContext } from './user-context.ts'
import type { Caller } from './users.ts'

/** The body of the 401 reply; undefined: passed. */
export async function confirmPassword(
  context: UserContext,
  caller: Pick<Caller, 'user' | 'userId'>,
  operation: string,
  auth: JsonObject | undefined,
): Promise<JsonObject | undefined> {
  const outcome = await authenticate(context, {
    operation,
    user: caller.user,
    flows: [['m.login.password']],
    params: {},
    auth,
    tryStage: (_stage, given) => tryPassword(context, caller, given),
  })
  return 'challenge' in outcome ? outcome.challenge : undefined
}

async function tryPassword(
  context: UserContext,
  caller: Pick<Caller, 'user' | 'userId'>,
  auth: JsonObject,
): Promise<StageOutcome> {
  const { password } = auth
  if (typeof password !== 'string') return { refused: 'The password is missing.' }
  if (!(await isMeant(context, caller.user, auth))) {
    throw new MatrixError('M_FORBIDDEN', 'This is another user than the one who is logged in.')
  }
  context.failures.check(caller.userId, caller.userId)
  const account = await findAccount(context.store.reader, caller.user)
  if (await context.passwords.verify(account?.passwordHash, password)) {
    context.failures.forget(caller.userId)
    return { passed: true }
  }
  context.failures.add(caller.userId, caller.userId)
  return { refused: 'The password is wrong.' }
}

/** Who names nobody means themselves. */
async function isMeant(context: UserContext, user: number, auth: JsonObject): Promise<boolean> {
  const { identifier } = auth
  if (isJsonObject(identifier) && identifier.type === 'm.id.thirdparty') {
    return (await findUserByAddress(context, identifier))?.row.user === user
  }
  const meant = meantUserOf(auth)
  return meant === undefined || (await findMeantUser(context, meant))?.row.user === user
}
