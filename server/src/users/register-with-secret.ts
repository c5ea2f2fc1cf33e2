/** Registration by whoever knows the shared secret, in the form that Synapse's tools use. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { Lru, MatrixError } from '../base/index.ts'
import { addAccount, requireAvailable } from './accounts.ts'
import { userLimits } from './limits.ts'
import { openSession } from './sessions.ts'
import type { UserContext } from './user-context.ts'
import type { OpenedSession, SecretRequest } from './users.ts'

export interface SecretRegistration {
  createNonce(): string
  register(request: SecretRequest): Promise<OpenedSession>
}

export function createSecretRegistration(context: UserContext): SecretRegistration {
  const nonces = new Lru<string, number>(userLimits.noncesMax)
  const { clock, randomBytes, config } = context

  function requireSecret(): string {
    if (config.registrationSecret) return config.registrationSecret
    throw new MatrixError('M_UNRECOGNIZED', 'Registration by shared secret is not enabled.')
  }

  return {
    createNonce() {
      requireSecret()
      const nonce = Buffer.from(randomBytes(32)).toString('hex')
      nonces.set(nonce, clock.nowMs() + userLimits.nonceLifetimeMs)
      return nonce
    },
    async register(request) {
      const secret = requireSecret()
      const expiresMs = nonces.get(request.nonce)
      nonces.delete(request.nonce)
      if (expiresMs === undefined || expiresMs <= clock.nowMs()) {
        throw new MatrixError('M_UNKNOWN', 'The nonce is not known or has expired.')
      }
      if (!hasRightMac(secret, request)) throw new MatrixError('M_FORBIDDEN', 'The HMAC is wrong.')
      const userId = await requireAvailable(context, request.username)
      const { password, isAdmin, displayName } = request
      return addAccount(context, { userId, password, isAdmin, displayName }, (tx, { user }) =>
        openSession(context, tx, {
          userId,
          user,
          deviceId: undefined,
          deviceName: undefined,
          wantsRefreshToken: false,
        }),
      )
    },
  }
}

function hasRightMac(secret: string, request: SecretRequest): boolean {
  const { nonce, username, password, isAdmin, userType } = request
  const parts = [nonce, username, password, isAdmin ? 'admin' : 'notadmin']
  if (userType !== undefined) parts.push(userType)
  const right = createHmac('sha1', secret).update(parts.join('\0')).digest()
  const given = Buffer.from(request.mac, 'hex')
  return given.length === right.length && timingSafeEqual(given, right)
}
