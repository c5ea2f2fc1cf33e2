/** Locked accounts, and what admins see of sessions. Spec: client-server-api#server-administration. */

import { serverNameOf, type UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'
import type { Account } from '../users/index.ts'
import type { Locks, ModerationDeps } from './moderation.ts'

export function createLocks(deps: ModerationDeps): Locks {
  const { users } = deps
  return {
    isAccountLocked: async (userId) => (await requireOther(deps, userId)).state === 'locked',
    isAccountSuspended: async (userId) => (await requireOther(deps, userId)).state === 'suspended',
    async suspendAccount(userId, isSuspended) {
      const { user, state } = await requireOther(deps, userId)
      if (state === 'locked') throw new MatrixError('M_FORBIDDEN', 'This account is locked, which is more.')
      if ((state === 'suspended') !== isSuspended) await users.setState(user, isSuspended ? 'suspended' : 'active')
    },
    async lockAccount(userId, isLocked) {
      const { user, state } = await requireOther(deps, userId)
      if ((state === 'locked') !== isLocked) await users.setState(user, isLocked ? 'locked' : 'active')
    },
    async showSessions(moderator, userId) {
      if (moderator.userId !== userId && !moderator.isAdmin) {
        throw new MatrixError('M_FORBIDDEN', 'Only admins of this server see the sessions of others.')
      }
      const account = await users.findAccount(userId)
      if (account === undefined) throw new MatrixError('M_NOT_FOUND', 'There is no such account here.')
      const devices: Record<string, object> = {}
      for (const { deviceId, ...seen } of await users.listSessions(account.user)) {
        const { lastSeenMs: last_seen, lastSeenIp: ip, lastSeenAgent: user_agent } = seen
        const connections = last_seen === undefined ? [] : [{ ip, last_seen, user_agent }]
        devices[deviceId] = { sessions: [{ connections }] }
      }
      return { user_id: userId, devices }
    },
  }
}

/** The account of a user who is no admin (the caller is one); throws the specification's refusals in its order. */
async function requireOther(deps: ModerationDeps, userId: UserId): Promise<Account> {
  if (!deps.isLocal(serverNameOf(userId))) {
    throw new MatrixError('M_INVALID_PARAM', `${userId} is a user of another server.`)
  }
  const account = await deps.users.findAccount(userId)
  if (account === undefined || account.state === 'deactivated') {
    throw new MatrixError('M_NOT_FOUND', 'There is no such account here.')
  }
  if (account.isAdmin) throw new MatrixError('M_FORBIDDEN', 'Admins are not locked.')
  return account
}
