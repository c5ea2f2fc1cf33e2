/** Sessions: opening, finding, refreshing, ending. Spec: client-server-api#client-authentication. */

import { type DeviceId, ProtocolError, parseDeviceId, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Writer } from '../store/index.ts'
import { findAccount } from './account-table.ts'
import { userLimits } from './limits.ts'
import { removePushersOfDevices } from './pusher-table.ts'
import {
  confirmToken,
  findToken,
  findTokenByRefresh,
  insertToken,
  removeSessions,
  removeSuccessors,
  removeTokensOfSession,
  type TokenRow,
  upsertSession,
} from './session-table.ts'
import { hashToken, newDeviceId, newToken } from './token.ts'
import type { UserContext } from './user-context.ts'
import type { CallerAnswer, OpenedSession } from './users.ts'

export type SessionWish = {
  readonly userId: UserId
  readonly user: number
  /** Undefined: a new one. */
  readonly deviceId: string | undefined
  readonly deviceName: string | undefined
  readonly wantsRefreshToken: boolean
}

const unknown: CallerAnswer = { refused: 'unknown' }
const expired: CallerAnswer = { refused: 'expired' }

/** Who an access token belongs to. */
export async function findCaller(context: UserContext, accessToken: string): Promise<CallerAnswer> {
  const tokenHash = hashToken(accessToken)
  const cached = context.callers.get(tokenHash)
  if (cached === undefined) return loadCaller(context, tokenHash)
  return cached.expiresMs !== 0 && cached.expiresMs <= context.clock.nowMs() ? expired : cached.answer
}

async function loadCaller(context: UserContext, tokenHash: string): Promise<CallerAnswer> {
  const { callers, store, names, clock } = context
  const { endings } = callers
  const token = await findToken(store.reader, tokenHash)
  const account = token && (await findAccount(store.reader, token.user))
  if (token === undefined || account === undefined || account.state === 'deactivated') return unknown
  const { replaces } = token
  if (replaces !== null) {
    await store.transact((tx) => confirmToken(tx, tokenHash, replaces))
    callers.forget(token.user, [token.device])
  }
  const { user, isAdmin, isGuest } = account
  const [userId] = (await names.texts([user])) as [UserId]
  const isSuspended = account.state === 'suspended'
  const caller = { userId, user, deviceId: token.device, isAdmin, isGuest, isSuspended, session: tokenHash }
  const answer: CallerAnswer = account.state === 'locked' ? { refused: 'locked', caller } : { caller }
  const expiresMs = token.expiresMs ?? 0
  if (callers.endings === endings) callers.set(tokenHash, { answer, user, device: token.device, expiresMs })
  return expiresMs !== 0 && expiresMs <= clock.nowMs() ? expired : answer
}

/** With the transaction: a device is logged in; an existing one gets a new token and loses those it had. */
export function openSession(context: UserContext, tx: Writer, wish: SessionWish): OpenedSession {
  const { userId, user } = wish
  const deviceId = wish.deviceId === undefined ? newId(context) : parseOwnDeviceId(wish.deviceId)
  const displayName = wish.deviceName?.slice(0, userLimits.deviceNameCharsMax) ?? null
  removeTokensOfSession(tx, user, deviceId)
  upsertSession(tx, { user, device: deviceId, displayName, createdMs: context.clock.nowMs() })
  tx.onCommitted(() => context.callers.forget(user, [deviceId]))
  const tokens = addTokens(context, tx, { user, device: deviceId, replaces: null }, wish.wantsRefreshToken)
  return { userId, deviceId, ...tokens }
}

function newId(context: UserContext): DeviceId {
  return newDeviceId(context.randomBytes) as DeviceId
}

/** Throws MatrixError M_INVALID_PARAM. */
export function parseOwnDeviceId(text: string): DeviceId {
  try {
    return parseDeviceId(text)
  } catch (error) {
    if (error instanceof ProtocolError) throw new MatrixError('M_INVALID_PARAM', `${error.message}.`)
    throw error
  }
}

type Tokens = Pick<OpenedSession, 'accessToken' | 'refreshToken' | 'expiresInMs'>

function addTokens(
  context: UserContext,
  tx: Writer,
  place: Pick<TokenRow, 'user' | 'device' | 'replaces'>,
  canRefresh: boolean,
): Tokens {
  const accessToken = newToken(context.randomBytes, 'access')
  const refreshToken = canRefresh ? newToken(context.randomBytes, 'refresh') : undefined
  const expiresInMs = canRefresh ? context.tokenLifetimeMs : undefined
  const nowMs = context.clock.nowMs()
  const { refreshTokenLifetimeMs } = context.config
  insertToken(tx, {
    ...place,
    tokenHash: hashToken(accessToken),
    expiresMs: expiresInMs === undefined ? null : nowMs + expiresInMs,
    refreshHash: refreshToken === undefined ? null : hashToken(refreshToken),
    refreshExpiresMs: canRefresh && refreshTokenLifetimeMs ? nowMs + refreshTokenLifetimeMs : null,
  })
  return { accessToken, refreshToken, expiresInMs }
}

/** New tokens for old: the old refresh token works until one of the new ones is used. Throws M_UNKNOWN_TOKEN. */
export async function refresh(context: UserContext, refreshToken: string): Promise<OpenedSession> {
  const { store, names, turns } = context
  const refreshHash = hashToken(refreshToken)
  const first = await findTokenByRefresh(store.reader, refreshHash)
  if (first === undefined) throw unknownRefreshToken()
  return turns.run(first.user, async () => {
    const token = await findTokenByRefresh(store.reader, refreshHash)
    const account = await findAccount(store.reader, first.user)
    const isExpired = (token?.refreshExpiresMs ?? Number.POSITIVE_INFINITY) <= context.clock.nowMs()
    if (token === undefined || isExpired || account?.state === 'deactivated') throw unknownRefreshToken()
    if (account?.state === 'locked') {
      throw new MatrixError('M_USER_LOCKED', 'This account is locked.', { soft_logout: true })
    }
    const { user, device, tokenHash, replaces } = token
    const [userId] = (await names.texts([user])) as [UserId]
    const tokens = await store.transact((tx) => {
      if (replaces !== null) confirmToken(tx, tokenHash, replaces)
      removeSuccessors(tx, user, device, tokenHash)
      tx.onCommitted(() => context.callers.forget(user, [device]))
      return addTokens(context, tx, { user, device, replaces: tokenHash }, true)
    })
    return { userId, deviceId: device, ...tokens }
  })
}

function unknownRefreshToken(): MatrixError {
  return new MatrixError('M_UNKNOWN_TOKEN', 'The refresh token is not known or was used already.', {}, 401)
}

/** With the transaction: the devices are logged out. */
export function endSessions(context: UserContext, tx: Writer, user: number, devices: readonly DeviceId[]): void {
  removeSessions(tx, user, devices)
  removePushersOfDevices(tx, user, devices)
  for (const device of devices) context.journal.append(tx, { kind: 'session-ended', user, device })
  tx.onCommitted(() => context.callers.forget(user, devices))
}
