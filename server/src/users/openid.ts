/** Tokens that prove to another service who a user is, and nothing else. Spec: client-server-api#openid. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import { findAccount } from './account-table.ts'
import { userLimits } from './limits.ts'
import { findOpenIdUser, insertOpenIdToken, removeExpiredOpenIdTokens } from './openid-table.ts'
import { hashToken, newToken } from './token.ts'
import type { UserContext } from './user-context.ts'
import type { Caller, OpenId } from './users.ts'

export function createOpenId(context: UserContext): OpenId {
  const { store, names, clock, randomBytes } = context
  return {
    async createOpenIdToken({ user, userId }: Caller) {
      const token = newToken(randomBytes, 'openid')
      const nowMs = clock.nowMs()
      await store.transact((tx) => {
        removeExpiredOpenIdTokens(tx, nowMs)
        insertOpenIdToken(tx, hashToken(token), user, nowMs + userLimits.openIdTokenLifetimeMs)
      })
      return { token, serverName: serverNameOf(userId), expiresInMs: userLimits.openIdTokenLifetimeMs }
    },
    async requireOpenIdUser(token) {
      const user = await findOpenIdUser(store.reader, hashToken(token), clock.nowMs())
      const account = user === undefined ? undefined : await findAccount(store.reader, user)
      const isActive = account?.state === 'active' || account?.state === 'suspended'
      if (user === undefined || !isActive) {
        throw new MatrixError('M_UNKNOWN_TOKEN', 'The token is not known or has expired.')
      }
      const [userId] = (await names.texts([user])) as [UserId]
      return userId
    },
  }
}
