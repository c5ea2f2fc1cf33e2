/** What the endpoints for accounts and devices have in common: sessions, authentication, who may see what. */

import type { UserId } from '@parallax/protocol'
import { MatrixError } from '../../base/index.ts'
import { type Answer, type Caller, jsonReply } from '../../http/index.ts'
import type { Authenticated, OpenedSession } from '../../users/index.ts'

/** A new session as `/login` and `/register` show it; a user ID alone: nobody was logged in. */
export function sessionReply(opened: OpenedSession | UserId): object {
  if (typeof opened === 'string') return { user_id: opened }
  const { userId, deviceId, accessToken, refreshToken, expiresInMs } = opened
  return {
    user_id: userId,
    device_id: deviceId,
    access_token: accessToken,
    home_server: userId.slice(userId.indexOf(':') + 1),
    refresh_token: refreshToken,
    expires_in_ms: expiresInMs,
  }
}

/** The reply to what is done, or the 401 that asks the client to authenticate itself. */
export function challengeOr<T>(outcome: Authenticated<T>, replyTo: (done: T) => Answer): Answer {
  return 'challenge' in outcome ? jsonReply(outcome.challenge, 401) : replyTo(outcome.done)
}

/** Throws MatrixError M_FORBIDDEN if the path names another user. */
export function requireSelf(caller: Caller, userId: UserId): void {
  if (caller.userId !== userId) throw new MatrixError('M_FORBIDDEN', 'This is for the user’s own eyes only.')
}
