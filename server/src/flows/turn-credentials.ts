/**
 * Credentials for a TURN server that shares a secret with this one.
 * Spec: client-server-api#get_matrixclientv3voipturnserver.
 */

import { createHmac } from 'node:crypto'
import type { UserId } from '@parallax/protocol'
import { MatrixError } from '../base/index.ts'

export type TurnConfig = {
  readonly uris: readonly string[]
  readonly sharedSecret?: string
  readonly username?: string
  readonly password?: string
  readonly lifetimeMs: number
}

/**
 * Name and password that the TURN server takes until they expire, or those that the config gives. Throws M_NOT_FOUND
 * if none is configured: a reply without URIs makes clients fail their calls.
 */
export function turnCredentials(turn: TurnConfig, userId: UserId, nowMs: number): object {
  const { uris, sharedSecret, lifetimeMs } = turn
  const ttl = Math.floor(lifetimeMs / 1000)
  if (uris.length > 0 && sharedSecret !== undefined) {
    const username = `${Math.floor(nowMs / 1000) + ttl}:${userId}`
    // The TURN servers' own convention (draft-uberti-behave-turn-rest-00): HMAC-SHA1.
    const password = createHmac('sha1', sharedSecret).update(username).digest('base64')
    return { username, password, uris, ttl }
  }
  if (uris.length > 0 && turn.username !== undefined && turn.password !== undefined) {
    return { username: turn.username, password: turn.password, uris, ttl }
  }
  throw new MatrixError('M_NOT_FOUND', 'No TURN server is configured.')
}
