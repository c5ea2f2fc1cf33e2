/** Logging in by password or by a login token. Spec: client-server-api#post_matrixclientv3login. */

import { isJsonObject, type JsonObject } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { findAccount } from './account-table.ts'
import { meantUserOf } from './authentication.ts'
import { confirmPassword } from './confirm-password.ts'
import { userLimits } from './limits.ts'
import { openSession, parseOwnDeviceId } from './sessions.ts'
import { findUserByAddress } from './threepids/find-by-address.ts'
import { hashToken, newToken } from './token.ts'
import { insertLoginToken, takeLoginToken } from './token-table.ts'
import { findMeantUser, type KnownUser, type UserContext } from './user-context.ts'
import type { Authenticated, Caller, LoginRequest, LoginToken, OpenedSession } from './users.ts'

/** Throws M_FORBIDDEN, M_UNKNOWN, M_MISSING_PARAM, M_USER_DEACTIVATED, M_USER_LOCKED, M_LIMIT_EXCEEDED. */
export async function logIn(context: UserContext, request: LoginRequest): Promise<OpenedSession> {
  const { deviceId, deviceName, wantsRefreshToken } = request
  if (deviceId !== undefined) parseOwnDeviceId(deviceId)
  const { userId, row } = await findUser(context, request)
  if (row.state === 'deactivated') throw new MatrixError('M_USER_DEACTIVATED', 'This account has been deactivated.')
  if (row.state === 'locked') throw new MatrixError('M_USER_LOCKED', 'This account is locked.', { soft_logout: true })
  return context.store.transact((tx) =>
    openSession(context, tx, { userId, user: row.user, deviceId, deviceName, wantsRefreshToken }),
  )
}

async function findUser(context: UserContext, request: LoginRequest): Promise<KnownUser> {
  if (request.type === 'm.login.password') return findUserByPassword(context, request)
  if (request.type === 'm.login.token' && context.config.isLoginTokenAllowed) return findUserByToken(context, request)
  throw new MatrixError('M_UNKNOWN', 'This server does not know this way of logging in.')
}

async function findUserByPassword(context: UserContext, request: LoginRequest): Promise<KnownUser> {
  const { identifier, password, ip } = request
  const isForeign = isJsonObject(identifier) && identifier.type !== 'm.id.user'
  const byAddress = isForeign ? await findUserByAddress(context, identifier) : undefined
  const meant = isForeign ? addressOf(identifier) : meantUserOf({ identifier, user: request.user })
  if (meant === undefined || password === undefined) {
    throw new MatrixError('M_MISSING_PARAM', 'A user identifier and a password are needed.')
  }
  const known = isForeign || meant.includes('\0') ? byAddress : await findMeantUser(context, meant)
  const name = known?.userId ?? meant.slice(0, 255)
  context.failures.check(name, ip)
  if (await context.passwords.verify(known?.row.passwordHash, password)) {
    context.failures.forget(name)
    return known!
  }
  if (known?.row.state === 'deactivated') return known
  context.failures.add(name, ip)
  throw wrong()
}

/** Unknown identifiers and unknown addresses are refused as wrong passwords are. */
function addressOf({ address }: JsonObject): string {
  return typeof address === 'string' ? address : ''
}

function wrong(): MatrixError {
  return new MatrixError('M_FORBIDDEN', 'The user name or the password is wrong.')
}

async function findUserByToken(context: UserContext, { token }: LoginRequest): Promise<KnownUser> {
  if (token === undefined) throw new MatrixError('M_MISSING_PARAM', 'The login token is missing.')
  const { store, names, clock } = context
  const taken = await store.transact((tx) => takeLoginToken(tx, hashToken(token), clock.nowMs()))
  const user = taken.rows[0]?.user_number
  const row = user === undefined ? undefined : await findAccount(store.reader, user)
  if (row === undefined) throw new MatrixError('M_FORBIDDEN', 'The login token is not known or has expired.')
  const [userId] = await names.texts([row.user])
  return { userId: userId as KnownUser['userId'], row }
}

/** A token with which the user can log in on another device, after the password was given. */
export async function createLoginToken(
  context: UserContext,
  caller: Caller,
  auth: JsonObject | undefined,
): Promise<Authenticated<LoginToken>> {
  if (!context.config.isLoginTokenAllowed) {
    throw new MatrixError('M_UNRECOGNIZED', 'Login tokens are not enabled on this server.')
  }
  const challenge = await confirmPassword(context, caller, 'login-token', auth)
  if (challenge !== undefined) return { challenge }
  const token = newToken(context.randomBytes, 'login')
  const expiresInMs = userLimits.loginTokenLifetimeMs
  const expiresMs = context.clock.nowMs() + expiresInMs
  await context.store.transact((tx) => insertLoginToken(tx, hashToken(token), caller.user, expiresMs))
  return { done: { token, expiresInMs } }
}
