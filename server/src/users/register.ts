/** Registration as clients do it. Spec: client-server-api#post_matrixclientv3register. */

import type { JsonObject, UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { addAccount, requireAvailable } from './accounts.ts'
import { authenticate, type Stage, type StageOutcome } from './authentication.ts'
import { checkPassword } from './password-policy.ts'
import { openSession, parseOwnDeviceId } from './sessions.ts'
import { addressInUse, findMemo, insertConfirmed, tryEmail } from './threepids/threepids.ts'
import { domainOf } from './threepids/validations.ts'
import { newDeviceId } from './token.ts'
import { isRegistrationTokenValid, useRegistrationToken } from './token-table.ts'
import { isStoreError, type UserContext } from './user-context.ts'
import type { Authenticated, OpenedSession, RegisterRequest } from './users.ts'

export type Registered = OpenedSession | UserId

/**
 * The new session, or the user ID if no login is wanted. Throws M_FORBIDDEN, M_MISSING_PARAM, M_WEAK_PASSWORD and as
 * `addAccount`.
 */
export async function register(context: UserContext, request: RegisterRequest): Promise<Authenticated<Registered>> {
  if (request.kind === 'guest') return { done: await registerGuest(context, request) }
  if (context.config.registration === 'closed') {
    throw new MatrixError('M_FORBIDDEN', 'Registration is closed on this server.')
  }
  if (request.username !== undefined) await requireAvailable(context, request.username)
  if (request.deviceId !== undefined) parseOwnDeviceId(request.deviceId)
  if (request.password !== undefined) checkPassword(context.policy, request.password)
  const outcome = await authenticate(context, {
    operation: 'register',
    user: 0,
    flows: flowsOf(context),
    params: paramsOf(context),
    auth: request.auth,
    tryStage: (stage, auth) => tryStage(context, stage, auth),
  })
  if ('challenge' in outcome) return outcome
  if (request.password === undefined) throw new MatrixError('M_MISSING_PARAM', 'A new account needs a password.')
  return { done: await registerUser(context, request, request.password, outcome.memos) }
}

function flowsOf(context: UserContext): Stage[][] {
  const { registrationEmail = 'optional' } = context.config
  const stages = stagesOf(context)
  if (!context.mail.isOn || registrationEmail === 'off') return [stages.length > 0 ? stages : ['m.login.dummy']]
  const withEmail: Stage[] = [...stages, 'm.login.email.identity']
  return registrationEmail === 'required' ? [withEmail] : [[...stages, 'm.login.dummy'], withEmail]
}

function stagesOf({ config }: UserContext): Stage[] {
  const stages: Stage[] = []
  if (config.registration === 'token') stages.push('m.login.registration_token')
  if (config.termsPolicies !== undefined) stages.push('m.login.terms')
  return stages
}

function paramsOf({ config }: UserContext): JsonObject {
  return config.termsPolicies === undefined ? {} : { 'm.login.terms': { policies: config.termsPolicies } }
}

async function tryStage(context: UserContext, stage: Stage, auth: JsonObject): Promise<StageOutcome> {
  if (stage === 'm.login.email.identity') return tryEmail(context, 'register', auth)
  if (stage !== 'm.login.registration_token') return { passed: true }
  const { token } = auth
  const isValid =
    typeof token === 'string' && (await isRegistrationTokenValid(context.store.reader, token, context.clock.nowMs()))
  return isValid ? { passed: true, memo: token } : { refused: 'This registration token is not valid.' }
}

async function registerUser(
  context: UserContext,
  request: RegisterRequest,
  password: string,
  memos: JsonObject,
): Promise<Registered> {
  const userId = await requireAvailable(context, request.username ?? newDeviceId(context.randomBytes))
  const token = memos['m.login.registration_token']
  const email = await findMemo(context, memos)
  if (email === undefined && Object.hasOwn(memos, 'm.login.email.identity')) {
    throw new MatrixError('M_THREEPID_AUTH_FAILED', 'The confirmation of the address has expired.')
  }
  if (email !== undefined) await context.requireSafe({ kind: 'domain', id: domainOf(email.address) })
  try {
    return await addAccount(context, { userId, password }, (tx, { user }) => {
      if (typeof token === 'string') useRegistrationToken(tx, token)
      if (email !== undefined) insertConfirmed(context, tx, user, email)
      return request.isLoginInhibited ? userId : openSession(context, tx, { ...request, userId, user })
    })
  } catch (error) {
    if (email !== undefined && isStoreError(error, 'unique')) throw addressInUse()
    if (!isStoreError(error, 'conflict')) throw error
    throw new MatrixError('M_FORBIDDEN', 'This registration token, or this confirmation, is used up.')
  }
}

async function registerGuest(context: UserContext, request: RegisterRequest): Promise<Registered> {
  if (context.config.isGuestAllowed !== true) throw new MatrixError('M_FORBIDDEN', 'This server takes no guests.')
  const userId = await requireAvailable(context, `guest-${newDeviceId(context.randomBytes)}`)
  const draft = { userId, password: undefined, isGuest: true }
  return addAccount(context, draft, (tx, { user }) =>
    openSession(context, tx, { ...request, userId, user, deviceId: undefined, wantsRefreshToken: false }),
  )
}
